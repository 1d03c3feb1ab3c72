import { ServiceClient } from '@latchkey/service-client';
import { InjectServiceClient } from '@latchkey/service-client-nestjs';
import { SettlementReply, type OpenReservation, type SettledState } from '@latchkey/shop-contracts';
import { Injectable } from '@nestjs/common';

/** Calls orders as inventory itself, without a user. */
@Injectable()
export class OrdersClient {
  constructor(@InjectServiceClient('orders') private readonly client: ServiceClient) {}

  /** @returns the state of the order of each reservation, in the same order */
  async settle(reservations: readonly OpenReservation[]): Promise<readonly SettledState[]> {
    const body = {
      reservations: reservations.map(({ orderId, userId, state }) => ({ orderId, userId, state })),
    };
    const options = { reply: SettlementReply, idempotent: true };
    const reply = await this.client.own().post('/orders/settlements', body, options);
    const { states } = reply.body;
    if (states.length !== reservations.length)
      throw new Error('orders answered for another number of reservations than it was asked about');
    return states;
  }

  /** Ends the call in progress. */
  close(): void {
    this.client.close();
  }
}
