import { SNAPSHOT_KINDS, type SnapshotClaims } from '@latchkey/contracts';
import { Injectable } from '@nestjs/common';
import { ServiceClock } from '../clock/service-clock.js';
import { DataSource, type EntityManager } from 'typeorm';

/** Of a table; makes chunks of some 3,000 entries, none above half a megabyte. */
const PAGES_PER_CHUNK = 64;

export interface RecordedSnapshot extends Pick<
  SnapshotClaims,
  'time_ms' | 'through' | 'epoch' | 'position' | 'entries'
> {
  readonly chunks: readonly Buffer[];
}

interface Bounds {
  through: number;
  epoch: string;
  position: number;
  pages: number;
}

const counts = SNAPSHOT_KINDS.map(
  (kind, place) => `(count(*) FILTER (WHERE place = ${place}))::int AS ${kind}`,
).join(', ');
const kindPlace = SNAPSHOT_KINDS.map((kind, place) => `WHEN '${kind}' THEN ${place}`).join(' ');

// Postgres makes the bytes: a million rows as objects would take this process a gigabyte.
const CHUNK = `
  SELECT ${counts},
         string_agg(int8send(place << 44 | octet_length(name)::bigint << 32 | until)
                    || CASE WHEN before IS NULL THEN ''::bytea ELSE int8send(before) END
                    || name, ''::bytea) AS bytes
  FROM (
    SELECT (CASE kind ${kindPlace} END)::bigint AS place,
           convert_to(CASE kind WHEN 'session' THEN session_id WHEN 'token' THEN token_id
                                WHEN 'subject' THEN subject WHEN 'client' THEN client_id
                                ELSE key_id END, 'UTF8') AS name,
           least(expires_at, 4294967295) AS until,
           CASE WHEN kind IN ('subject', 'client') THEN issued_before END AS before
    FROM revocations
    WHERE ctid >= $1::tid AND ctid < $2::tid
      AND expires_at > $3
  ) AS entry`;

/** Reads all live revocations as they were at one moment, published or not. */
@Injectable()
export class SnapshotQuery {
  constructor(
    private readonly dataSource: DataSource,
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

/** What this transaction can see lies in the pages that the table has by now: no order is needed. */
async function readChunks(manager: EntityManager, pages: number, now: number) {
  const chunks: Buffer[] = [];
  const entries = { session: 0, token: 0, subject: 0, client: 0, key: 0 };
  for (let page = 0; page < pages; page += PAGES_PER_CHUNK) {
    const range = [`(${page},0)`, `(${page + PAGES_PER_CHUNK},0)`, Math.floor(now / 1000)];
    const [found] = await manager.query<[typeof entries & { bytes: Buffer | null }]>(CHUNK, range);
    for (const kind of SNAPSHOT_KINDS) entries[kind] += found[kind];
    if (found.bytes) chunks.push(found.bytes);
  }
  return { entries, chunks };
}
