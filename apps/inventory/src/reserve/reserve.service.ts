import type { Line, Money, Reservation, ReserveRequest } from '@latchkey/shop-contracts';
import { ProblemError } from '@latchkey/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { CONFIG, type Config } from '../config.js';
import { selectOfOrder, selectOne } from '../reservations/reservation-rows.js';
import { takeStock, type UnitPrice } from './stock.js';
import { totalOf } from './total.js';

@Injectable()
export class ReserveService {
  constructor(
    private readonly dataSource: DataSource,
    @Inject(CONFIG) private readonly config: Pick<Config, 'RESERVATION_SECONDS'>,
  ) {}

  /**
   * Holds stock for an order, or finds that it is held already.
   *
   * @throws ProblemError 409 `out_of_stock` or `order_id_reused`, 422 `unknown_product`
   */
  reserve(userId: string, request: ReserveRequest): Promise<Reservation> {
    return this.dataSource.transaction(async (manager) => {
      await lockOrder(manager, userId, request.orderId);
      const existing = await selectOfOrder(manager, userId, request.orderId);
      if (!existing) return this.#hold(manager, userId, request);
      if (!sameLines(existing.lines, request.lines)) throw orderIdReused();
      if (existing.state === 'held' || existing.state === 'sold') return existing;
      return this.#holdAgain(manager, existing);
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
    return selectOne(manager, id, userId);
  }

  /** At the prices of the first time: the order may have been paid at them. */
  async #holdAgain(manager: EntityManager, { id, userId, lines }: Reservation) {
    await takeStock(manager, lines);
    await manager.query(
      `UPDATE reservations SET state = 'held', expires_at = clock_timestamp() + $2 * interval '1 s'
       WHERE id = $1`,
      [id, this.config.RESERVATION_SECONDS],
    );
    return selectOne(manager, id, userId);
  }

  async #insert(
    manager: EntityManager,
    userId: string,
    orderId: string,
    total: Money,
  ): Promise<string> {
    const [row] = await manager.query<[{ id: string }]>(
      `INSERT INTO reservations (user_id, order_id, state, total_minor_units, currency, expires_at)
       VALUES ($1, $2, 'held', $3, $4, clock_timestamp() + $5 * interval '1 s') RETURNING id`,
      [userId, orderId, total.minorUnits, total.currency, this.config.RESERVATION_SECONDS],
    );
    return row.id;
  }
}

/** There is no row to lock yet when an order's first two requests come at the same time. */
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
  const rows = lines.map(({ productId, quantity }, position) => ({
    position,
    product_id: productId,
    quantity,
    unit_price_minor_units: prices.get(productId)!.minorUnits,
  }));
  await manager.query(
    `INSERT INTO reservation_lines
       (reservation_id, position, product_id, quantity, unit_price_minor_units)
     SELECT $1, position, product_id, quantity, unit_price_minor_units
     FROM jsonb_to_recordset($2::jsonb) AS line
       (position smallint, product_id uuid, quantity integer, unit_price_minor_units bigint)`,
    [reservationId, JSON.stringify(rows)],
  );
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
