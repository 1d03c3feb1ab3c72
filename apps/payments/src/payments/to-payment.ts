import type { Payment } from '@latchkey/shop-contracts';
import type { PaymentEntity } from './payment.entity.js';

/** Leaves out the method, which is not part of the API. */
export const toPayment = (entity: PaymentEntity): Payment => ({
  id: entity.id,
  orderId: entity.orderId,
  userId: entity.userId,
  state: entity.state,
  amount: { minorUnits: entity.amountMinorUnits, currency: entity.currency },
  createdAt: entity.createdAt.toISOString(),
});
