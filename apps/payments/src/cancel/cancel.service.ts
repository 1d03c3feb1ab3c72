import type { CancelPaymentRequest, Payment } from '@latchkey/shop-contracts';
import { Injectable } from '@nestjs/common';
import { PaymentStore, paymentOf } from '../payments/payment-store.js';

@Injectable()
export class CancelService {
  constructor(private readonly payments: PaymentStore) {}

  /**
   * Sees to it that an order is not paid. The row that it leaves where there was no payment is what
   * a charge finds that was on its way meanwhile.
   */
  async cancel(userId: string, { orderId, amount }: CancelPaymentRequest): Promise<Payment> {
    const payment = await this.payments.insertOnce({
      userId,
      orderId,
      amount,
      method: null,
      state: 'cancelled',
    });
    if (payment.state !== 'captured') return paymentOf(payment);
    return (await this.payments.refund(payment.id)) ?? paymentOf(payment);
  }
}
