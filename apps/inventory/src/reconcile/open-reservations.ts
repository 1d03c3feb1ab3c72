import type { OpenReservation } from '@latchkey/shop-contracts';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** The maximum that `POST /orders/settlements` accepts. */
export const PAGE_ROWS = 100;

/**
 * Takes a page of reservations. `$1` is `RECONCILE_AFTER_SECONDS`.
 *
 * Raw SQL skips locked rows, so that replicas share the work. `statement_timestamp()` is stable, so the index can be
 * used; `clock_timestamp()` is volatile.
 */
export const TAKE_PAGE = `
  UPDATE reservations SET reconcile_tried_at = statement_timestamp()
  WHERE id = ANY (ARRAY(
    SELECT id FROM reservations
    WHERE reconciled_at IS NULL
      AND expires_at < statement_timestamp() - make_interval(secs => $1)
      AND (reconcile_tried_at IS NULL
           OR reconcile_tried_at < statement_timestamp() - make_interval(secs => $1))
    ORDER BY expires_at LIMIT ${PAGE_ROWS} FOR UPDATE SKIP LOCKED))
  RETURNING id, order_id AS "orderId", user_id AS "userId", state`;

export interface TakenReservation extends OpenReservation {
  readonly id: string;
}

/** Reservations whose orders should have finished by now, and that were not compared with them yet. */
@Injectable()
export class OpenReservations {
  constructor(private readonly dataSource: DataSource) {}

  /** Takes the oldest ones. No other replica takes the same ones meanwhile. */
  async takePage(afterSeconds: number): Promise<TakenReservation[]> {
    const [rows] = await this.dataSource.query<[TakenReservation[], number]>(TAKE_PAGE, [
      afterSeconds,
    ]);
    return rows;
  }

  /** Gives back reservations that were taken, so that the next round takes them again. */
  async giveBack(page: readonly TakenReservation[]): Promise<void> {
    await this.dataSource.query(
      'UPDATE reservations SET reconcile_tried_at = NULL WHERE id = ANY ($1)',
      [page.map(({ id }) => id)],
    );
  }
}
