import type { Line, Money, Reservation, ReserveRequest } from '@latchkey/shop-contracts';
import { ProblemError, returnedEntities } from '@latchkey/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { CONFIG, type Config } from '../config.js';
import { ReservationLineEntity } from '../reservations/reservation-line.entity.js';
import { findReservation, lockReservationOfOrder } from '../reservations/reservation-store.js';
import { ReservationEntity } from '../reservations/reservation.entity.js';
import { takeStock, type UnitPrice } from './stock.js';
import { totalOf } from './total.js';

/** Uses the database's clock, which also decides what has expired. */
const expiry = () => "clock_timestamp() + :reservationSeconds * interval '1 s'";

@Injectable()
export class ReserveService {
  constructor(
    private readonly dataSource: DataSource,
    @Inject(CONFIG) private readonly config: Pick<Config, 'RESERVATION_SECONDS'>,
  ) {}

  /**
   * Holds stock for an order. Repeating it returns the reservation that is there.
   *
   * @throws ProblemError 409 `out_of_stock` or `order_id_reused`, 422 `unknown_product`
   */
  reserve(userId: string, request: ReserveRequest): Promise<Reservation> {
    return this.dataSource.transaction(async (manager) => {
      await lockOrder(manager, userId, request.orderId);
      const existing = await lockReservationOfOrder(manager, userId, request.orderId);
      if (!existing) return this.#hold(manager, userId, request);
      if (!sameLines(existing.lines, request.lines)) throw orderIdReused();
      if (existing.state === 'held' || existing.state === 'sold') return existing;
      return this.#holdAgain(manager, existing, request.lines);
    });
  }

  async #hold(
    manager: EntityManager,
    userId: string,
    { orderId, lines }: ReserveRequest,
  ): Promise<Reservation> {
    const prices = await takeStock(manager, lines);
    const total = totalOf(lines, prices);
    const id = await this.#insert(manager, userId, orderId, total);
    await insertLines(manager, id, lines, prices);
    return findReservation(manager, id, { userId });
  }

  /**
   * Keeps the first prices, because the order may have been paid at them.
   *
   * @param lines the same lines in the order of the request, to which an error points
   */
  async #holdAgain(
    manager: EntityManager,
    { id, userId }: Reservation,
    lines: readonly Line[],
  ): Promise<Reservation> {
    await takeStock(manager, lines);
    await manager
      .createQueryBuilder()
      .update(ReservationEntity)
      .set({ state: 'held', expiresAt: expiry, reconciledAt: null })
      .where({ id })
      .setParameter('reservationSeconds', this.config.RESERVATION_SECONDS)
      .execute();
    return findReservation(manager, id, { userId });
  }

  async #insert(
    manager: EntityManager,
    userId: string,
    orderId: string,
    { minorUnits, currency }: Money,
  ): Promise<string> {
    const reservations = manager.getRepository(ReservationEntity);
    const result = await reservations
      .createQueryBuilder()
      .insert()
      .values({
        ...{ userId, orderId, currency },
        state: 'held',
        totalMinorUnits: minorUnits,
        expiresAt: expiry,
      })
      .setParameter('reservationSeconds', this.config.RESERVATION_SECONDS)
      .returning('id')
      .updateEntity(false)
      .execute();
    return returnedEntities(reservations, result)[0]!.id;
  }
}

/** Raw SQL takes an advisory lock, because an order's first two requests find no row to lock. */
async function lockOrder(manager: EntityManager, userId: string, orderId: string): Promise<void> {
  await manager.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [
    `${orderId} ${userId}`,
  ]);
}

async function insertLines(
  manager: EntityManager,
  reservationId: string,
  lines: readonly Line[],
  prices: ReadonlyMap<string, UnitPrice>,
): Promise<void> {
  const entities = lines.map(({ productId, quantity }, position) => ({
    ...{ reservationId, position, productId, quantity },
    unitPriceMinorUnits: prices.get(productId)!.minorUnits,
  }));
  await manager.insert(ReservationLineEntity, entities);
}

function sameLines(held: readonly Line[], wanted: readonly Line[]): boolean {
  const quantities = new Map(held.map(({ productId, quantity }) => [productId, quantity]));
  return (
    held.length === wanted.length &&
    wanted.every(({ productId, quantity }) => quantities.get(productId) === quantity)
  );
}

const orderIdReused = () =>
  new ProblemError(409, 'order_id_reused', 'This order holds other products', {
    errors: [{ in: 'body', field: '/orderId', message: 'was used with other lines' }],
  });
