import type { Money, Payment, PayRequest } from '@latchkey/shop-contracts';
import { ProblemError } from '@latchkey/service-kit';
import { Injectable } from '@nestjs/common';
import { PaymentStore, paymentOf, type StoredPayment } from '../payments/payment-store.js';
import { chargeTestCard } from './test-card-processor.js';

@Injectable()
export class PayService {
  constructor(private readonly payments: PaymentStore) {}

  /**
   * Charges an order once. A declined card is an answer, not an error: it is recorded like any other.
   *
   * @throws ProblemError 409 `order_id_reused` for another amount or method
   */
  async pay(userId: string, { orderId, amount, method }: PayRequest): Promise<Payment> {
    const state = chargeTestCard(method);
    const payment = await this.payments.insertOnce({ userId, orderId, amount, method, state });
    if (!sameCharge(payment, amount, method)) throw orderIdReused();
    return paymentOf(payment);
  }
}

function sameCharge(payment: StoredPayment, amount: Money, method: string): boolean {
  return (
    sameAmount(payment.amount, amount) && (payment.method === null || payment.method === method)
  );
}

const sameAmount = (one: Money, other: Money) =>
  one.minorUnits === other.minorUnits && one.currency === other.currency;

const orderIdReused = () =>
  new ProblemError(409, 'order_id_reused', 'This order has another payment', {
    errors: [{ in: 'body', field: '/orderId', message: 'was used with another amount or method' }],
  });
