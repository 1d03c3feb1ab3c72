import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { TokenLifetimes } from '../keys/token-lifetimes.js';
import { ServiceClock } from '../platform/clock/service-clock.js';
import { RELAY } from '../platform/relay-database.js';
import { keptSeconds } from '../platform/revocation-lifetime.js';

const BATCH = 1000;
/**
 * Deletes a batch of rows that have expired by `$1` (seconds since 1970) and need not be published. Raw SQL
 * selects by `ctid` and skips locked rows: Postgres would scan the whole table for a large batch of ids.
 */
export const PURGE = `
  DELETE FROM revocations WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM revocations
    WHERE expires_at <= $1 AND (published_at IS NOT NULL OR serial IS NULL)
    ORDER BY expires_at LIMIT ${BATCH} FOR UPDATE SKIP LOCKED))`;

/** The revocations that can no longer match a token. */
@Injectable()
export class ExpiredRevocations {
  constructor(
    @InjectDataSource(RELAY) private readonly dataSource: DataSource,
    private readonly clock: ServiceClock,
    @Inject(TokenLifetimes)
    private readonly lifetimes: Pick<TokenLifetimes, 'longestSeconds'>,
  ) {}

  /**
   * Deletes them in batches. Waits after a clock leap until revocations that were live before it have expired
   * by any clock, because they may matter again once the clocks are right.
   */
  async purge(): Promise<void> {
    if (this.clock.steadySeconds < keptSeconds('session', this.lifetimes.longestSeconds)) return;
    let deleted: number;
    do {
      [, deleted] = await this.dataSource.query<[unknown, number]>(PURGE, [this.clock.seconds()]);
    } while (deleted === BATCH);
  }
}
