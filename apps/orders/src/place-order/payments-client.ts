import { Payment, type Money } from '@latchkey/contracts/shop-api';
import { ServiceCaller } from '@latchkey/service-kit';
import type { OrderRow } from '../orders/order-row.js';
import { asRefusal } from './refused-call.js';

/** Payments, asked with the caller's own token. Every call may be repeated. */
export class PaymentsClient {
  readonly #caller: ServiceCaller;

  constructor(baseUrl: string) {
    this.#caller = new ServiceCaller('payments', baseUrl);
  }

  /** A declined payment is an answer, not an error. */
  charge(
    accessToken: string,
    { id: orderId, payment_method: method }: OrderRow,
    amount: Money,
  ): Promise<Payment> {
    return this.#post('/payments', accessToken, { orderId, amount, method });
  }

  async cancel(accessToken: string, { id: orderId }: OrderRow, amount: Money): Promise<void> {
    await this.#post('/payments/cancel', accessToken, { orderId, amount });
  }

  async #post(path: string, accessToken: string, body: unknown): Promise<Payment> {
    try {
      return await this.#caller.call({
        method: 'POST',
        path,
        accessToken,
        body,
        reply: Payment,
        retries: 1,
      });
    } catch (error) {
      throw asRefusal(error);
    }
  }
}
