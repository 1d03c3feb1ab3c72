import type { Payment, PayRequest } from '@latchkey/shop-contracts';
import { ProblemError } from '@latchkey/service-kit';
import { Injectable } from '@nestjs/common';
import { PaymentStore } from '../payments/payment-store.js';
import type { PaymentEntity } from '../payments/payment.entity.js';
import { toPayment } from '../payments/to-payment.js';
import { chargeTestCard } from './test-card-processor.js';

@Injectable()
export class PayService {
  constructor(private readonly payments: PaymentStore) {}

  /**
   * Charges an order once. A declined card is an answer, not an error: it is recorded like any other.
   *
   * @throws ProblemError 409 `order_id_reused` for another amount or method
   */
  async pay(userId: string, request: PayRequest): Promise<Payment> {
    const { orderId, amount, method } = request;
    const payment = await this.payments.insertOnce({
      ...{ userId, orderId, method },
      state: chargeTestCard(method),
      amountMinorUnits: amount.minorUnits,
      currency: amount.currency,
    });
    if (!isSameCharge(payment, request)) throw orderIdReused();
    return toPayment(payment);
  }
}

function isSameCharge(payment: PaymentEntity, { amount, method }: PayRequest): boolean {
  return (
    payment.amountMinorUnits === amount.minorUnits &&
    payment.currency === amount.currency &&
    (payment.method === null || payment.method === method)
  );
}

const orderIdReused = () =>
  new ProblemError(409, 'order_id_reused', 'This order has another payment', {
    errors: [{ in: 'body', field: '/orderId', message: 'was used with another amount or method' }],
  });
