import { Payment, type Money } from '@latchkey/shop-contracts';
import { ServiceCaller } from '@latchkey/service-kit';
import type { CallerCredentials } from '@latchkey/verifier-nestjs';
import type { OrderRow } from '../orders/order-row.js';
import { asRefusal } from './refused-call.js';

/** Payments, asked in the caller's own name. Every call may be repeated. */
export class PaymentsClient {
  readonly #caller: ServiceCaller;

  constructor(baseUrl: string) {
    this.#caller = new ServiceCaller('payments', baseUrl);
  }

  /** A declined payment is an answer, not an error. */
  charge(
    credentials: CallerCredentials,
    { id: orderId, payment_method: method }: OrderRow,
    amount: Money,
  ): Promise<Payment> {
    return this.#post('/payments', credentials, { orderId, amount, method });
  }

  async cancel(
    credentials: CallerCredentials,
    { id: orderId }: OrderRow,
    amount: Money,
  ): Promise<void> {
    await this.#post('/payments/cancel', credentials, { orderId, amount });
  }

  async #post(path: string, credentials: CallerCredentials, body: unknown): Promise<Payment> {
    try {
      return await this.#caller.call({
        method: 'POST',
        path,
        credentials,
        body,
        reply: Payment,
        retries: 1,
      });
    } catch (error) {
      throw asRefusal(error);
    }
  }
}
