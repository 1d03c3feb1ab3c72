import type { Revocation } from '@latchkey/contracts';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { SerialHighWaterMark } from './serial-high-water-mark.js';
import { RELAY_DATABASE } from '../platform/relay-database.js';
import { REVOCATION_COLUMNS, revocationFromRow, type RevocationRow } from './revocation-row.js';
import {
  REVOCATIONS_OPTIONS,
  type RevocationsModuleOptions,
} from './revocations.module-definition.js';

/** A revocation that is counted, and so missed by every verifier that does not get it. */
export interface NumberedRevocation {
  readonly revocation: Revocation;
  readonly serial: number;
  /** Under the signature of a key that is not revoked. */
  readonly published: boolean;
}

type NumberedRow = RevocationRow & {
  serial: number;
  published: boolean;
  highest: number;
  nextSerial: number;
};

/** Without a revocation where none of them is in the record any more. */
type FoundRow = NumberedRow | (Pick<NumberedRow, 'highest' | 'nextSerial'> & { id: null });

/** What is about to be published. */
export interface Numbered {
  /** In the order of their numbers. */
  readonly revocations: readonly NumberedRevocation[];
  /** A sequence of the stream that was given out before: what is stored from now on gets a higher one. */
  readonly highestSequence: number;
}

interface FoundBatch {
  readonly byId: ReadonlyMap<string, NumberedRevocation>;
  readonly highestSequence: number;
}

interface Batch {
  readonly ids: Set<string>;
  readonly found: Promise<FoundBatch>;
}

/**
 * Gives committed revocations the numbers by which a verifier sees that none is missing. Numbers are
 * given by one transaction at a time, of all replicas; who asks while one is under way shares the
 * next.
 */
@Injectable()
export class SerialNumbers {
  #next: Batch | undefined;
  #running: Promise<unknown> = Promise.resolve();

  constructor(
    @Inject(RELAY_DATABASE) private readonly dataSource: DataSource,
    private readonly highWaterMark: SerialHighWaterMark,
    @Inject(REVOCATIONS_OPTIONS) private readonly options: RevocationsModuleOptions,
  ) {}

  /**
   * Those of them that are still in the record.
   *
   * @throws RecordWentBackError when it gives out numbers that this process has seen before
   */
  async number(ids: readonly string[]): Promise<Numbered> {
    this.#next ??= this.#batch();
    const { ids: wanted, found } = this.#next;
    for (const id of ids) wanted.add(id);
    const { byId, highestSequence } = await found;
    const revocations = ids
      .flatMap((id) => byId.get(id) ?? [])
      .sort((one, other) => one.serial - other.serial);
    return { revocations, highestSequence };
  }

  #batch(): Batch {
    const ids = new Set<string>();
    const found = this.#running.then(() => {
      this.#next = undefined;
      return this.#number([...ids]);
    });
    this.#running = found.catch(() => undefined); // whoever asked is told
    return { ids, found };
  }

  async #number(ids: readonly string[]): Promise<FoundBatch> {
    const [first, ...others] = await this.highWaterMark.watch((seen) => this.#query(ids, seen));
    const rows = [first, ...others].filter(isFound);
    // The statement sees the next number as it was before it gave these out.
    for (const { serial } of rows) this.highWaterMark.note(serial + 1);
    const byId = new Map(
      rows.map(({ serial, published, highest: _, nextSerial: __, ...row }) => [
        row.id,
        { revocation: revocationFromRow(row, this.options.issuer), serial, published },
      ]),
    );
    return { byId, highestSequence: first.highest };
  }

  /** Gives out no number that was seen before: once it is in the record, it would pass for the first. */
  #query(ids: readonly string[], seen: number): Promise<[FoundRow, ...FoundRow[]]> {
    return this.dataSource.query<[FoundRow, ...FoundRow[]]>(
      `SELECT ${REVOCATION_COLUMNS}, serial::float8, signed_by IS NOT NULL AS published,
              next_serial::float8 AS "nextSerial",
              greatest(last_sequence, (SELECT max(stream_sequence) FROM revocations
                                       WHERE published_at IS NOT NULL))::float8 AS highest
       FROM revocation_stream LEFT JOIN LATERAL number_revocations(
         CASE WHEN next_serial >= $2 THEN $1::uuid[] ELSE '{}' END) ON true`,
      [ids, seen],
    );
  }
}

const isFound = (row: FoundRow): row is NumberedRow => row.id !== null;
