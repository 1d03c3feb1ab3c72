import type { CancelPaymentRequest, Payment } from '@latchkey/shop-contracts';
import { Injectable } from '@nestjs/common';
import { PaymentStore } from '../payments/payment-store.js';
import { toPayment } from '../payments/to-payment.js';

@Injectable()
export class CancelService {
  constructor(private readonly payments: PaymentStore) {}

  /**
   * Keeps an order from being paid. If there is no payment yet, this leaves a cancelled one, which a charge
   * that is still on its way will find.
   */
  async cancel(userId: string, { orderId, amount }: CancelPaymentRequest): Promise<Payment> {
    const payment = await this.payments.insertOnce({
      ...{ userId, orderId },
      method: null,
      state: 'cancelled',
      amountMinorUnits: amount.minorUnits,
      currency: amount.currency,
    });
    const refunded =
      payment.state === 'captured' ? await this.payments.refund(payment.id) : undefined;
    return refunded ?? toPayment(payment);
  }
}
