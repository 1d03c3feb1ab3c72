import { UserCalls } from '@latchkey/service-authentication/calls';
import type { OrderTransaction } from '@latchkey/shop-contracts';
import type { Principal } from '@latchkey/verifier';
import { Injectable } from '@nestjs/common';
import type { OrderEntity } from '../orders/order.entity.js';
import { asProblem } from './refused-call.js';

/** For whom inventory and payments are called to complete an order. */
@Injectable()
export class OrderCalls {
  constructor(private readonly calls: UserCalls) {}

  /**
   * Begins once for each attempt. Within a transaction, nothing can be done but to complete this order, with this
   * payment method.
   *
   * @throws ProblemError 401, 403 or 503 if auth issues no token for the calls
   */
  async begin(user: Principal, { id: order, paymentMethod }: OrderEntity): Promise<Principal> {
    const details: OrderTransaction = { order, payment_method: paymentMethod };
    try {
      return await this.calls.begin(user, details);
    } catch (error) {
      throw asProblem('a service of the order', error);
    }
  }
}
