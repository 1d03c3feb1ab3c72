import {
  revocationSubject,
  type Revocation,
  type RevocationKind,
  type Watermark,
} from '@latchkey/contracts';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { randomUUID } from 'node:crypto';
import { Any, DataSource, IsNull, LessThan, type EntityManager } from 'typeorm';
import { ServiceClock } from '../platform/clock/service-clock.js';
import { RELAY } from '../platform/relay-database.js';
import { RevocationStreamEntity } from './revocation-stream.entity.js';
import { RevocationEntity } from './revocation.entity.js';

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

/**
 * How far serials jump with each epoch. The jump skips every serial that a lost replica can have assigned
 * unseen, and is small compared with the limit of 9 * 10^15.
 */
const SERIALS_SKIPPED_PER_EPOCH = 1_000_000_000;

/** SQL expression in a query of `revocation_stream`: the highest sequence that JetStream has acknowledged. */
export const HIGHEST_SEQUENCE = `greatest(last_sequence, (SELECT max(stream_sequence) FROM revocations
                                          WHERE published_at IS NOT NULL))::float8`;

/**
 * Reads and writes what the record knows about the stream. Raw SQL is used where one statement must read both
 * tables at the same moment, or compare a set of sequences with them.
 */
@Injectable()
export class StreamRecord {
  constructor(
    @InjectDataSource(RELAY) private readonly dataSource: DataSource,
    private readonly clock: ServiceClock,
  ) {}

  /**
   * SQL condition for revocations that can still match a token. Uses the service's clock: if Postgres's clock
   * leapt ahead, the latest log-outs would vanish from watermarks, snapshots and new streams.
   */
  get #live(): string {
    return `expires_at > ${this.clock.seconds()}`;
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
              stream_created AS created, ${HIGHEST_SEQUENCE} AS highest,
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
      // Raw SQL computes the serial from the row and Postgres's clock.
      const [, changed] = await manager.query<[unknown, number]>(
        `UPDATE revocation_stream
         SET epoch = $2, stream_created = NULL, last_sequence = 0,
             next_serial = greatest(next_serial, $3::bigint,
                                    floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint) + $4
         WHERE epoch = $1`,
        [lost, randomUUID(), serialsAbove, SERIALS_SKIPPED_PER_EPOCH],
      );
      if (changed === 1) {
        await unpublishAll(manager);
        await inSameTransaction(manager);
      }
      return (await manager.findOneByOrFail(RevocationStreamEntity, { onlyRow: true })).epoch;
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
    // Expired revocations do not count, because they may have been purged.
    const now = this.clock.seconds();
    const live = revocations.filter(({ expiresAt }) => expiresAt > now);
    if (live.length === 0) return [];
    const recorded = await this.dataSource.manager.find(RevocationEntity, {
      select: { id: true },
      where: { id: Any(live.map(({ id }) => id)) },
    });
    const ids = new Set(recorded.map(({ id }) => id));
    return live.filter(({ id }) => !ids.has(id));
  }

  async recordStreamCreated(epoch: string, created: string): Promise<void> {
    const isNew = { epoch, streamCreated: IsNull() };
    await this.dataSource.manager.update(RevocationStreamEntity, isNew, { streamCreated: created });
  }

  async recordSequence(epoch: string, sequence: number): Promise<void> {
    const isLower = { epoch, lastSequence: LessThan(sequence) };
    await this.dataSource.manager.update(RevocationStreamEntity, isLower, {
      lastSequence: sequence,
    });
  }
}

async function unpublishAll(manager: EntityManager): Promise<void> {
  await manager
    .createQueryBuilder()
    .update(RevocationEntity)
    .set({ serial: null, publishedAt: null, streamSequence: null, signedBy: null })
    .where('serial IS NOT NULL OR published_at IS NOT NULL')
    .execute();
}
