import type { SnapshotClaims } from '@latchkey/contracts';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ServiceClock } from '../platform/clock/service-clock.js';
import { RELAY_DATABASE } from '../platform/relay-database.js';
import { readChunks, type Chunks } from './snapshot-chunks.js';

/** What a snapshot says, and the entries themselves. */
export type RecordedSnapshot = Chunks &
  Pick<SnapshotClaims, 'time_ms' | 'through' | 'epoch' | 'position'>;

interface Bounds {
  through: number;
  epoch: string;
  position: number;
  pages: number;
}

/** Reads all live revocations as they were at one moment, published or not. */
@Injectable()
export class SnapshotQuery {
  constructor(
    @Inject(RELAY_DATABASE) private readonly dataSource: DataSource,
    private readonly clock: ServiceClock,
  ) {}

  /**
   * Why it says what a snapshot has to say:
   *
   * - The time is read before the database's snapshot is taken, so what was committed before it is
   *   inside.
   * - Numbers and `next_serial` are written by one transaction, so all numbers below it are inside.
   * - `position` was acknowledged by JetStream and recorded before. What gets its number later is
   *   published after that number is committed, so it is stored after `position`. What has one
   *   already is inside, whether it is on the stream or not.
   */
  async read(): Promise<RecordedSnapshot> {
    const now = Math.floor(this.clock.now());
    return this.dataSource.transaction('REPEATABLE READ', async (manager) => {
      await manager.query('SET TRANSACTION READ ONLY');
      const [{ pages, ...bounds }] = await manager.query<[Bounds]>(
        `SELECT (next_serial - 1)::float8 AS through, epoch,
                greatest(last_sequence, (SELECT max(stream_sequence) FROM revocations
                                         WHERE published_at IS NOT NULL))::float8 AS position,
                (pg_relation_size('revocations')
                 / current_setting('block_size')::int)::float8 AS pages
         FROM revocation_stream`,
      );
      return { time_ms: now, ...bounds, ...(await readChunks(manager, pages, now)) };
    });
  }
}
