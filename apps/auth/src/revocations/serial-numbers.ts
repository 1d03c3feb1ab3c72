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

/** A revocation with a serial, so that verifiers that do not receive it notice the gap. */
export interface NumberedRevocation {
  readonly revocation: Revocation;
  readonly serial: number;
  /** Whether it is on the stream, signed with a key that is not revoked. */
  readonly published: boolean;
}

type NumberedRow = RevocationRow & {
  serial: number;
  published: boolean;
  highest: number;
  nextSerial: number;
};

/** `id` is null if none of the revocations is in the record any more. */
type FoundRow = NumberedRow | (Pick<NumberedRow, 'highest' | 'nextSerial'> & { id: null });

/** Revocations that are about to be published. */
export interface Numbered {
  /** Ordered by serial. */
  readonly revocations: readonly NumberedRevocation[];
  /** The highest known sequence of the stream. New messages must get a higher one. */
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
 * Assigns serials to committed revocations, so that verifiers can detect gaps. One transaction across all
 * replicas assigns serials at a time; calls that arrive while it runs share the next one.
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
   * Omits revocations that are no longer in the record.
   *
   * @throws RecordWentBackError if the record assigns serials that this process has seen before
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
    this.#running = found.catch(() => undefined); // callers get the error from `found`
    return { ids, found };
  }

  async #number(ids: readonly string[]): Promise<FoundBatch> {
    const [first, ...others] = await this.highWaterMark.watch((seen) => this.#query(ids, seen));
    const rows = [first, ...others].filter(isFound);
    // The statement returns the next serial as it was before the assignment.
    for (const { serial } of rows) this.highWaterMark.note(serial + 1);
    const byId = new Map(
      rows.map(({ serial, published, highest: _, nextSerial: __, ...row }) => [
        row.id,
        { revocation: revocationFromRow(row, this.options.issuer), serial, published },
      ]),
    );
    return { byId, highestSequence: first.highest };
  }

  /** Assigns nothing if the record went backward: a repeated serial in the record would look like the original. */
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
