import type { SnapshotClaims } from '@latchkey/contracts';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { ServiceClock } from '../platform/clock/service-clock.js';
import { RELAY } from '../platform/relay-database.js';
import { HIGHEST_SEQUENCE } from '../revocations/stream-record.js';
import { readChunks, type Chunks } from './snapshot-chunks.js';

/** The entries of a snapshot and its recorded claims. */
export type RecordedSnapshot = Chunks &
  Pick<SnapshotClaims, 'time_ms' | 'through' | 'epoch' | 'position'>;

interface Bounds {
  through: number;
  epoch: string;
  position: number;
  pages: number;
}

/**
 * Reads a consistent view of all live revocations, published or not. Raw SQL reads the table page by
 * page, and lets Postgres encode the entries.
 */
@Injectable()
export class SnapshotQuery {
  constructor(
    @InjectDataSource(RELAY) private readonly dataSource: DataSource,
    private readonly clock: ServiceClock,
  ) {}

  /**
   * The claims hold for these reasons:
   *
   * - `time_ms` is read before the database's snapshot is taken, so everything committed before it is included.
   * - One transaction writes serials together with `next_serial`, so all serials below it are included.
   * - JetStream acknowledged `position` before it was recorded. Revocations that already have a serial are
   *   included. Those that get one later are published afterwards, so they are stored after `position`.
   */
  async read(): Promise<RecordedSnapshot> {
    const now = Math.floor(this.clock.now());
    return this.dataSource.transaction('REPEATABLE READ', async (manager) => {
      await manager.query('SET TRANSACTION READ ONLY');
      const [{ pages, ...bounds }] = await manager.query<[Bounds]>(
        `SELECT (next_serial - 1)::float8 AS through, epoch,
                ${HIGHEST_SEQUENCE} AS position,
                (pg_relation_size('revocations')
                 / current_setting('block_size')::int)::float8 AS pages
         FROM revocation_stream`,
      );
      return { time_ms: now, ...bounds, ...(await readChunks(manager, pages, now)) };
    });
  }
}
