import { type ServiceCalls, ServiceClient } from '@latchkey/service-client';
import { InjectServiceClient } from '@latchkey/service-client-nestjs';
import { Payment, type Money } from '@latchkey/shop-contracts';
import type { Principal } from '@latchkey/verifier';
import { Injectable } from '@nestjs/common';
import type { OrderEntity } from '../orders/order.entity.js';
import { asProblem } from './refused-call.js';

/** Calls payments, with tokens that are good for nothing else. Every call is idempotent. */
@Injectable()
export class PaymentsClient {
  constructor(@InjectServiceClient('payments') private readonly client: ServiceClient) {}

  /** Returns a declined payment like any other; it is not an error. */
  charge(
    user: Principal,
    { id: orderId, paymentMethod: method }: OrderEntity,
    amount: Money,
  ): Promise<Payment> {
    return this.#post(this.client.for(user), '/payments', { orderId, amount, method });
  }

  async cancel(user: Principal, { id: orderId }: OrderEntity, amount: Money): Promise<void> {
    await this.#post(this.client.for(user), '/payments/cancel', { orderId, amount });
  }

  /** Like {@link cancel}, but without a user. */
  async settle({ id: orderId, userId }: OrderEntity, amount: Money): Promise<void> {
    const body = { orderId, userId, amount };
    await this.#post(this.client.own(), '/payments/settle', body, 'payments:settle');
  }

  async #post(calls: ServiceCalls, path: string, body: unknown, scopes?: string): Promise<Payment> {
    try {
      return (await calls.post(path, body, { reply: Payment, idempotent: true, scopes })).body;
    } catch (error) {
      throw asProblem('payments', error);
    }
  }
}
