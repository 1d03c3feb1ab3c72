import { Reservation } from '@latchkey/shop-contracts';
import { ServiceCaller } from '@latchkey/service-kit';
import type { CallerCredentials } from '@latchkey/verifier-nestjs';
import type { OrderEntity } from '../orders/order.entity.js';
import { asRefusal, OrderRefusedError } from './refused-call.js';

/** Calls inventory on behalf of the user. Every call is idempotent. */
export class InventoryClient {
  readonly #caller: ServiceCaller;

  constructor(baseUrl: string) {
    this.#caller = new ServiceCaller('inventory', baseUrl);
  }

  /** @throws OrderRefusedError if a product is out of stock or cannot be ordered */
  reserve(
    credentials: CallerCredentials,
    { id: orderId, lines }: OrderEntity,
  ): Promise<Reservation> {
    const wanted = lines.map(({ productId, quantity }) => ({ productId, quantity }));
    return this.#post('/reservations', credentials, { orderId, lines: wanted });
  }

  /** @returns false if the reservation has expired or was released */
  async sell(credentials: CallerCredentials, reservationId: string): Promise<boolean> {
    try {
      await this.#post(`/reservations/${reservationId}/sell`, credentials);
      return true;
    } catch (error) {
      if (error instanceof OrderRefusedError) return false;
      throw error;
    }
  }

  async release(credentials: CallerCredentials, reservationId: string): Promise<void> {
    await this.#post(`/reservations/${reservationId}/release`, credentials);
  }

  async #post(path: string, credentials: CallerCredentials, body?: unknown): Promise<Reservation> {
    try {
      return await this.#caller.call({
        method: 'POST',
        path,
        credentials,
        body,
        reply: Reservation,
        retries: 1,
      });
    } catch (error) {
      throw asRefusal(error);
    }
  }
}
