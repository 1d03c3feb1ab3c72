import {
  revocationSubject,
  type Revocation,
  type RevocationKind,
  type Watermark,
} from '@latchkey/contracts';
import { Inject, Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { DataSource, type EntityManager } from 'typeorm';
import { ServiceClock } from '../platform/clock/service-clock.js';
import type { SessionId } from '../platform/ids/stored-id.js';
import { TokenLifetimes } from '../keys/token-lifetimes.js';
import { RELAY_DATABASE } from '../platform/relay-database.js';
import { keptSeconds } from '../platform/revocation-lifetime.js';
import { REVOCATION_COLUMNS, type RevocationRow } from './revocation-row.js';
import { UnreadableRows } from './unreadable-rows.js';

/** The stream's state as recorded in Postgres. */
export interface RecordedStream {
  readonly epoch: string;
  /** Identifies this record. Backups and standbys have the same id. */
  readonly recordId: string;
  /** The serial that the next revocation will get. */
  readonly nextSerial: number;
  /** `created` as reported by JetStream; absent until the stream of this epoch has been set up. */
  readonly created?: string;
  /** The highest sequence that JetStream has acknowledged. */
  readonly highest: number;
  /** The lowest sequence of a live revocation. Ignores keys, which leave the stream before they expire. */
  readonly lowestLive?: number;
  /** The subject of the newest live revocation. Ignores keys, too. */
  readonly newestSubject?: string;
}

/** Write times in milliseconds since 1970, by the service's clock. Each commit came later than its write. */
export interface BacklogWritten {
  readonly oldest: number;
  readonly newest: number;
}

/** One acknowledgement of JetStream. */
export interface Published {
  readonly id: string;
  readonly sequence: number;
}

/** Every outcome but `marked` marks nothing, and the batch must be published again. */
export type MarkOutcome =
  | 'marked'
  | 'epoch_replaced'
  | 'signing_key_revoked'
  /** JetStream reused the sequence of a message that it had acknowledged before. */
  | 'stream_rolled_back';

const PURGE_BATCH = 1000;
/**
 * Deletes a batch of rows that have expired by `$1` (seconds since 1970) and need not be published.
 * Selects by `ctid`, because Postgres would scan the whole table for a large batch of ids.
 */
export const PURGE = `
  DELETE FROM revocations WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM revocations
    WHERE expires_at <= $1 AND (published_at IS NOT NULL OR serial IS NULL)
    ORDER BY expires_at LIMIT ${PURGE_BATCH} FOR UPDATE SKIP LOCKED))`;
/**
 * How far serials jump with each epoch. The jump skips every serial that a lost replica can have assigned
 * unseen, and is small compared with the limit of 9 * 10^15.
 */
const SERIALS_SKIPPED_PER_EPOCH = 1_000_000_000;

/** The relay's view of the record: revocations to publish, and the stream sequences of published ones. */
@Injectable()
export class RevocationOutbox {
  constructor(
    @Inject(RELAY_DATABASE) private readonly dataSource: DataSource,
    private readonly clock: ServiceClock,
    private readonly unreadable: UnreadableRows,
    @Inject(TokenLifetimes)
    private readonly lifetimes: Pick<TokenLifetimes, 'longestSeconds'>,
  ) {}

  /**
   * SQL condition for revocations that can still match a token. Uses the service's clock: if Postgres's clock
   * leapt ahead, the latest log-outs would vanish from watermarks, snapshots and new streams.
   */
  get #live(): string {
    return `expires_at > ${this.clock.seconds()}`;
  }

  get #unpublished(): string {
    return `published_at IS NULL AND (${this.#live} OR serial IS NOT NULL)`;
  }

  /**
   * Ids of unpublished revocations, oldest first. A cursor on id or time would skip transactions that begin
   * earlier and commit later. Numbered revocations are published even after they expire, because verifiers
   * would notice a gap in the serials.
   *
   * @param through returns only revocations with a serial up to this one
   */
  async unpublished(limit: number, through?: number): Promise<string[]> {
    return this.unreadable.passOver((except) =>
      this.dataSource.query<RevocationRow[]>(
        `SELECT ${REVOCATION_COLUMNS} FROM revocations
         WHERE ${this.#unpublished} AND ($3::bigint IS NULL OR serial <= $3)
           AND id <> ALL ($2::uuid[])
         ORDER BY created_at, id LIMIT $1`,
        [limit, except, through ?? null],
      ),
    );
  }

  /** Write times of the unpublished revocations; undefined if there are none. */
  async backlogWritten(): Promise<BacklogWritten | undefined> {
    const [{ oldest, newest }] = await this.dataSource.query<
      [{ oldest: number | null; newest: number | null }]
    >(
      `SELECT floor(extract(epoch FROM min(created_at)) * 1000)::float8 AS oldest,
              floor(extract(epoch FROM max(created_at)) * 1000)::float8 AS newest
       FROM revocations WHERE ${this.#unpublished}`,
    );
    return oldest === null || newest === null ? undefined : { oldest, newest };
  }

  /** Ids of live revocations whose event on the stream was signed with a revoked key. */
  async toSignAgain(limit: number): Promise<string[]> {
    return this.unreadable.passOver((except) =>
      this.dataSource.query<RevocationRow[]>(
        `SELECT ${REVOCATION_COLUMNS} FROM revocations
         WHERE published_at IS NOT NULL AND signed_by IS NULL AND ${this.#live}
           AND id <> ALL ($2::uuid[]) LIMIT $1`,
        [limit, except],
      ),
    );
  }

  /** The revocation part of a watermark. It is true once every numbered revocation is published. */
  async numbered(): Promise<Pick<Watermark, 'serials' | 'revokedKeys'>> {
    const [{ through, from, keys }] = await this.dataSource.query<
      [{ through: number; from: number; keys: Watermark['revokedKeys'] }]
    >(
      `SELECT (next_serial - 1)::float8 AS through,
              coalesce((SELECT serial FROM revocations
                        WHERE serial IS NOT NULL AND kind <> 'key' AND ${this.#live}
                        ORDER BY serial LIMIT 1), next_serial)::float8 AS from,
              (SELECT coalesce(json_agg(json_build_object('keyId', key_id, 'expiresAt', expires_at)),
                               '[]')
               FROM revocations WHERE kind = 'key' AND ${this.#live}) AS keys
       FROM revocation_stream`,
    );
    return { serials: { from, through }, revokedKeys: keys };
  }

  async backlog(): Promise<number> {
    const [row] = await this.dataSource.query<[{ count: number }]>(
      `SELECT count(*)::int AS count FROM revocations WHERE published_at IS NULL AND ${this.#live}`,
    );
    return row.count;
  }

  /** Whether a live revocation of any of these sessions is not on the stream yet. */
  async isPending(sessions: readonly SessionId[]): Promise<boolean> {
    const [row] = await this.dataSource.query<[{ pending: boolean }]>(
      `SELECT EXISTS (SELECT FROM revocations
                      WHERE published_at IS NULL AND ${this.#live}
                        AND session_id = ANY ($1)) AS pending`,
      [sessions],
    );
    return row.pending;
  }

  /**
   * Marks acknowledged revocations as published, unless the stream was replaced or the signing key revoked
   * meanwhile. The statement locks both rows: a transaction that changes them waits, then finds these
   * revocations marked and unmarks them.
   */
  async markPublished(
    published: readonly Published[],
    epoch: string,
    keyId: string,
  ): Promise<MarkOutcome> {
    const [found] = await this.dataSource.query<
      [{ stream: number; signer: number; collisions: number }]
    >(
      `WITH stream AS MATERIALIZED (
         SELECT epoch FROM revocation_stream WHERE epoch = $1 FOR KEY SHARE
       ), signer AS MATERIALIZED (
         SELECT kid FROM signing_keys WHERE kid = $2 AND state <> 'revoked' FOR SHARE
       ), due AS MATERIALIZED (
         SELECT r.id, ack.sequence
         FROM stream, signer, revocations r
         JOIN unnest($3::uuid[], $4::bigint[]) AS ack (id, sequence) ON ack.id = r.id
         WHERE r.signed_by IS NULL
         ORDER BY r.id FOR NO KEY UPDATE OF r
       ), collision AS MATERIALIZED (
         SELECT due.id FROM due JOIN revocations other
           ON other.stream_sequence = due.sequence AND other.id <> due.id
              AND other.published_at IS NOT NULL
         UNION ALL
         SELECT due.id FROM due JOIN revocation_stream ON last_sequence = due.sequence
       ), marked AS (
         UPDATE revocations r
         SET published_at = clock_timestamp(), stream_sequence = due.sequence, signed_by = $2
         FROM due WHERE r.id = due.id AND NOT EXISTS (SELECT FROM collision)
       )
       SELECT (SELECT count(*) FROM stream)::int AS stream,
              (SELECT count(*) FROM signer)::int AS signer,
              (SELECT count(*) FROM collision)::int AS collisions`,
      [epoch, keyId, published.map(({ id }) => id), published.map(({ sequence }) => sequence)],
    );
    if (found.stream === 0) return 'epoch_replaced';
    if (found.signer === 0) return 'signing_key_revoked';
    return found.collisions === 0 ? 'marked' : 'stream_rolled_back';
  }

  async stream(): Promise<RecordedStream> {
    const [row] = await this.dataSource.query<
      [
        Pick<RecordedStream, 'epoch' | 'recordId' | 'nextSerial' | 'highest'> & {
          created: string | null;
          lowest: number | null;
          newest: { kind: RevocationKind; id: string; serial: number } | null;
        },
      ]
    >(
      `SELECT epoch, record_id AS "recordId", next_serial::float8 AS "nextSerial",
              stream_created AS created,
              greatest(last_sequence, (SELECT max(stream_sequence) FROM revocations
                                       WHERE published_at IS NOT NULL))::float8 AS highest,
              (SELECT min(stream_sequence) FROM revocations
               WHERE published_at IS NOT NULL AND signed_by IS NOT NULL
                 AND kind <> 'key' AND ${this.#live})::float8 AS lowest,
              (SELECT json_build_object('kind', kind, 'id', id, 'serial', serial) FROM revocations
               WHERE published_at IS NOT NULL AND signed_by IS NOT NULL
                 AND kind <> 'key' AND ${this.#live}
               ORDER BY stream_sequence DESC LIMIT 1) AS newest
       FROM revocation_stream`,
    );
    const { created, lowest, newest, ...recorded } = row;
    return {
      ...recorded,
      ...(created !== null && { created }),
      ...(lowest !== null && { lowestLive: lowest }),
      ...(newest !== null && { newestSubject: revocationSubject(newest, newest.serial) }),
    };
  }

  /**
   * Starts a new epoch after the stream was lost or the record went backward. Everything live is published
   * again, under serials that were never used.
   *
   * @param serialsAbove the highest serial known from other sources than the record
   * @param inSameTransaction further work; skipped if another replica was first
   */
  async beginNewEpoch(
    lost: string,
    serialsAbove = 0,
    inSameTransaction: (manager: EntityManager) => Promise<void> = () => Promise.resolve(),
  ): Promise<string> {
    return this.dataSource.transaction(async (manager) => {
      const [, changed] = await manager.query<[unknown, number]>(
        `UPDATE revocation_stream
         SET epoch = $2, stream_created = NULL, last_sequence = 0,
             next_serial = greatest(next_serial, $3::bigint,
                                    floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint) + $4
         WHERE epoch = $1`,
        [lost, randomUUID(), serialsAbove, SERIALS_SKIPPED_PER_EPOCH],
      );
      if (changed === 1) {
        await manager.query(
          `UPDATE revocations
           SET serial = NULL, published_at = NULL, stream_sequence = NULL, signed_by = NULL
           WHERE serial IS NOT NULL OR published_at IS NOT NULL`,
        );
        await inSameTransaction(manager);
      }
      const [row] = await manager.query<[{ epoch: string }]>('SELECT epoch FROM revocation_stream');
      return row.epoch;
    });
  }

  /** The sequences in this range at which the record has no published revocation. */
  async unrecordedSequences(from: number, through: number): Promise<number[]> {
    const rows = await this.dataSource.query<{ sequence: number }[]>(
      `SELECT sequence::float8 FROM generate_series($1::bigint, $2::bigint) AS sequence
       WHERE NOT EXISTS (SELECT FROM revocations WHERE published_at IS NOT NULL
                                                   AND stream_sequence = sequence)
       ORDER BY sequence`,
      [from, through],
    );
    return rows.map(({ sequence }) => sequence);
  }

  /** Returns the revocations among these that are live and missing from the record. */
  async missing(revocations: readonly Revocation[]): Promise<Revocation[]> {
    if (revocations.length === 0) return [];
    // Expired revocations do not count, because they may have been purged.
    const rows = await this.dataSource.query<{ id: string }[]>(
      `SELECT id FROM unnest($1::uuid[], $2::bigint[]) AS stored (id, expires_at)
       WHERE ${this.#live} AND NOT EXISTS (SELECT FROM revocations WHERE revocations.id = stored.id)`,
      [revocations.map(({ id }) => id), revocations.map(({ expiresAt }) => expiresAt)],
    );
    const missing = new Set(rows.map(({ id }) => id));
    return revocations.filter(({ id }) => missing.has(id));
  }

  async recordStreamCreated(epoch: string, created: string): Promise<void> {
    await this.dataSource.query(
      `UPDATE revocation_stream SET stream_created = $2 WHERE epoch = $1 AND stream_created IS NULL`,
      [epoch, created],
    );
  }

  async recordSequence(epoch: string, sequence: number): Promise<void> {
    await this.dataSource.query(
      `UPDATE revocation_stream SET last_sequence = greatest(last_sequence, $2) WHERE epoch = $1`,
      [epoch, sequence],
    );
  }

  /**
   * Marks the events of a revoked key to be signed again, because verifiers now reject them. They stay
   * published: verifiers that applied them carry on, and others notice that they lack them.
   */
  async unmarkSignedBy(manager: EntityManager, keyId: string): Promise<void> {
    await manager.query('UPDATE revocations SET signed_by = NULL WHERE signed_by = $1', [keyId]);
  }

  /**
   * Deletes expired revocations in batches. Waits after a clock leap until revocations that were live before
   * it have expired by any clock, because they may matter again once the clocks are right.
   */
  async purgeExpired(): Promise<void> {
    if (this.clock.steadySeconds < keptSeconds('session', this.lifetimes.longestSeconds)) return;
    let deleted: number;
    do {
      [, deleted] = await this.dataSource.query<[unknown, number]>(PURGE, [this.clock.seconds()]);
    } while (deleted === PURGE_BATCH);
  }
}
