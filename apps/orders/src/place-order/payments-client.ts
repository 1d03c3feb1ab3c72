import { Payment, type Money } from '@latchkey/shop-contracts';
import { ServiceCaller } from '@latchkey/service-kit';
import type { CallerCredentials } from '@latchkey/verifier-nestjs';
import type { OrderEntity } from '../orders/order.entity.js';
import { asRefusal } from './refused-call.js';

/** Calls payments on behalf of the user. Every call is idempotent. */
export class PaymentsClient {
  readonly #caller: ServiceCaller;

  constructor(baseUrl: string) {
    this.#caller = new ServiceCaller('payments', baseUrl);
  }

  /** Returns a declined payment like any other; it is not an error. */
  charge(
    credentials: CallerCredentials,
    { id: orderId, paymentMethod: method }: OrderEntity,
    amount: Money,
  ): Promise<Payment> {
    return this.#post('/payments', credentials, { orderId, amount, method });
  }

  async cancel(
    credentials: CallerCredentials,
    { id: orderId }: OrderEntity,
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
