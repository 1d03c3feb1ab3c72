import type { Revocation } from '@latchkey/contracts';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { REVOCATION_COLUMNS, revocationFromRow, type RevocationRow } from './revocation-row.js';
import {
  REVOCATIONS_OPTIONS,
  type RevocationsModuleOptions,
} from './revocations.module-definition.js';

/** A revocation that is counted, and so missed by every verifier that does not get it. */
export interface NumberedRevocation {
  readonly revocation: Revocation;
  readonly serial: number;
  readonly published: boolean;
}

interface Batch {
  readonly ids: Set<string>;
  readonly numbered: Promise<Map<string, NumberedRevocation>>;
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
    private readonly dataSource: DataSource,
    @Inject(REVOCATIONS_OPTIONS) private readonly options: RevocationsModuleOptions,
  ) {}

  /** Those of them that are still in the record, in the order of their numbers. */
  async number(ids: readonly string[]): Promise<NumberedRevocation[]> {
    this.#next ??= this.#batch();
    const { ids: wanted, numbered } = this.#next;
    for (const id of ids) wanted.add(id);
    const found = await numbered;
    return ids.flatMap((id) => found.get(id) ?? []).sort((one, other) => one.serial - other.serial);
  }

  #batch(): Batch {
    const ids = new Set<string>();
    const numbered = this.#running.then(() => {
      this.#next = undefined;
      return this.#number([...ids]);
    });
    this.#running = numbered.catch(() => undefined); // whoever asked is told
    return { ids, numbered };
  }

  async #number(ids: readonly string[]): Promise<Map<string, NumberedRevocation>> {
    const rows = await this.dataSource.query<
      (RevocationRow & { serial: number; published: boolean })[]
    >(
      `SELECT ${REVOCATION_COLUMNS}, serial::float8, published_at IS NOT NULL AS published
       FROM number_revocations($1)`,
      [ids],
    );
    return new Map(
      rows.map(({ serial, published, ...row }) => [
        row.id,
        { revocation: revocationFromRow(row, this.options.issuer), serial, published },
      ]),
    );
  }
}
