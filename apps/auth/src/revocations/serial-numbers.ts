import type { Revocation } from '@latchkey/contracts';
import { returnedEntities } from '@latchkey/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { RELAY } from '../platform/relay-database.js';
import { toRevocation } from './revocation-row.js';
import { RevocationEntity } from './revocation.entity.js';
import {
  REVOCATIONS_OPTIONS,
  type RevocationsModuleOptions,
} from './revocations.module-definition.js';
import { SerialHighWaterMark } from './serial-high-water-mark.js';
import { HIGHEST_SEQUENCE } from './stream-record.js';

/** A revocation with a serial, so that verifiers that do not receive it notice the gap. */
export interface NumberedRevocation {
  readonly revocation: Revocation;
  readonly serial: number;
  /** Whether it is on the stream, signed with a key that is not revoked. */
  readonly published: boolean;
  /** The `traceparent` of the span in which the revocation was written. */
  readonly traceparent: string | null;
}

/** The columns of a revocation, and of the stream before the assignment. */
interface FoundRow {
  /** Null if none of the revocations is in the record any more. */
  readonly id: string | null;
  readonly nextSerial: number;
  readonly highest: number;
}

type NumberedEntity = RevocationEntity & { readonly serial: number };

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
    @InjectRepository(RevocationEntity, RELAY)
    private readonly revocations: Repository<RevocationEntity>,
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
    const rows = await this.highWaterMark.watch((seen) => this.#query(ids, seen));
    const numbered = rows.filter(({ id }) => id !== null);
    const entities = returnedEntities(this.revocations, { raw: numbered }) as NumberedEntity[];
    // The statement returns the next serial as it was before the assignment.
    for (const { serial } of entities) this.highWaterMark.note(serial + 1);
    const byId = new Map(
      entities.map(({ serial, signedBy, ...row }) => [
        row.id,
        {
          revocation: toRevocation(row, this.options.issuer),
          serial,
          published: signedBy !== null,
          traceparent: row.traceparent,
        },
      ]),
    );
    return { byId, highestSequence: rows[0].highest };
  }

  /**
   * Assigns nothing if the record went backward: a repeated serial in the record would look like the original.
   * Raw SQL calls a function of the database that locks the counter and numbers the rows.
   */
  #query(ids: readonly string[], seen: number): Promise<[FoundRow, ...FoundRow[]]> {
    return this.revocations.query<[FoundRow, ...FoundRow[]]>(
      `SELECT numbered.*, next_serial::float8 AS "nextSerial", ${HIGHEST_SEQUENCE} AS highest
       FROM revocation_stream LEFT JOIN LATERAL number_revocations(
         CASE WHEN next_serial >= $2 THEN $1::uuid[] ELSE '{}' END) AS numbered ON true`,
      [ids, seen],
    );
  }
}
