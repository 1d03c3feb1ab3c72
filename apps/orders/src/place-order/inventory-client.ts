import { Reservation } from '@latchkey/contracts/shop-api';
import { ServiceCaller } from '@latchkey/service-kit';
import type { OrderRow } from '../orders/order-row.js';
import { asRefusal, OrderRefusedError } from './refused-call.js';

/** Inventory, asked with the caller's own token. Every call may be repeated. */
export class InventoryClient {
  readonly #caller: ServiceCaller;

  constructor(baseUrl: string) {
    this.#caller = new ServiceCaller('inventory', baseUrl);
  }

  /** @throws OrderRefusedError out of stock, or something that cannot be ordered */
  reserve(accessToken: string, { id: orderId, lines }: OrderRow): Promise<Reservation> {
    const wanted = lines.map(({ productId, quantity }) => ({ productId, quantity }));
    return this.#post('/reservations', accessToken, { orderId, lines: wanted });
  }

  /** False when the stock went back before. */
  async sell(accessToken: string, reservationId: string): Promise<boolean> {
    try {
      await this.#post(`/reservations/${reservationId}/sell`, accessToken);
      return true;
    } catch (error) {
      if (error instanceof OrderRefusedError) return false;
      throw error;
    }
  }

  async release(accessToken: string, reservationId: string): Promise<void> {
    await this.#post(`/reservations/${reservationId}/release`, accessToken);
  }

  async #post(path: string, accessToken: string, body?: unknown): Promise<Reservation> {
    try {
      return await this.#caller.call({
        method: 'POST',
        path,
        accessToken,
        body,
        reply: Reservation,
        retries: 1,
      });
    } catch (error) {
      throw asRefusal(error);
    }
  }
}
