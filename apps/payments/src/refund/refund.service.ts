import type { Payment } from '@latchkey/shop-contracts';
import { notFound, ProblemError } from '@latchkey/service-kit';
import { Injectable } from '@nestjs/common';
import { PaymentStore } from '../payments/payment-store.js';

@Injectable()
export class RefundService {
  constructor(private readonly payments: PaymentStore) {}

  /**
   * Refunds a captured payment, once.
   *
   * @throws ProblemError 404, or 409 if the payment was never captured
   */
  async refund(id: string): Promise<Payment> {
    const payment = await this.payments.refund(id);
    if (!payment) throw notFound('payment');
    if (payment.state !== 'refunded') throw nothingToRefund(payment.state);
    return payment;
  }
}

const nothingToRefund = (state: Payment['state']) =>
  new ProblemError(
    409,
    'nothing_to_refund',
    `The payment is ${state}, so there is nothing to refund`,
  );
