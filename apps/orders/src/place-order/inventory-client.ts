import { ServiceClient } from '@latchkey/service-client';
import { InjectServiceClient } from '@latchkey/service-client-nestjs';
import { Reservation } from '@latchkey/shop-contracts';
import type { Principal } from '@latchkey/verifier';
import { Injectable } from '@nestjs/common';
import type { OrderEntity } from '../orders/order.entity.js';
import { asProblem, OrderRefusedError } from './refused-call.js';

/** Calls inventory for the user, with a token that is good for nothing else. Every call is idempotent. */
@Injectable()
export class InventoryClient {
  constructor(@InjectServiceClient('inventory') private readonly client: ServiceClient) {}

  /** @throws OrderRefusedError if a product is out of stock or cannot be ordered */
  reserve(user: Principal, { id: orderId, lines }: OrderEntity): Promise<Reservation> {
    const wanted = lines.map(({ productId, quantity }) => ({ productId, quantity }));
    return this.#post('/reservations', user, { orderId, lines: wanted });
  }

  /** @returns false if the reservation has expired or was released */
  async sell(user: Principal, reservationId: string): Promise<boolean> {
    try {
      await this.#post(`/reservations/${reservationId}/sell`, user);
      return true;
    } catch (error) {
      if (error instanceof OrderRefusedError) return false;
      throw error;
    }
  }

  async release(user: Principal, reservationId: string): Promise<void> {
    await this.#post(`/reservations/${reservationId}/release`, user);
  }

  async #post(path: string, user: Principal, body?: unknown): Promise<Reservation> {
    const options = { reply: Reservation, idempotent: true };
    try {
      return (await this.client.for(user).post(path, body, options)).body;
    } catch (error) {
      throw asProblem('inventory', error);
    }
  }
}
