import type { Revocation, Watermark } from '@latchkey/contracts';
import type { Row } from './row.js';
import { START_MILLISECONDS, type WorldClock } from './world-clock.js';

export const ISSUER = 'https://issuer.test';
const SERIALS_LEFT_OUT = 1_000_000_000;

const uuid = (kind: string, number: number) =>
  `00000000-0000-${kind}000-8000-${String(number).padStart(12, '0')}`;
export const epochNamed = (number: number) => uuid('4', number);

/** The part of a row that a backup holds. */
type Kept = Pick<Row, 'serial' | 'sequence' | 'purged'>;

export interface RecordCopy {
  readonly rows: ReadonlyMap<Row, Kept>;
  readonly epoch: string;
  readonly streamCreated: number | undefined;
  readonly lastSequence: number;
  readonly nextSerial: number;
}

/** Ways to break the record on purpose. */
export interface RecordMutation {
  readonly numbers?: 'begin_anew_with_the_stream';
  /** Revocations expire by the database's clock. */
  readonly dates?: 'by_the_database';
}

/**
 * Postgres, statement by statement: each method is atomic and sees what was committed before it. Mirrors
 * `revocation-outbox.ts`, `stream-record.ts` and the function `number_revocations`.
 */
export class ModelRecord {
  /** All rows there ever were, for the checker. Relays see those that are committed and not purged. */
  readonly rows: Row[] = [];
  /** Every number that was ever assigned, with its row. */
  given: { readonly serial: number; readonly row: Row }[] = [];
  epoch = epochNamed(1);
  /** How far the database's clock is ahead of the true time. */
  databaseAhead = 0;
  streamCreated: number | undefined;
  /** It went backward and nobody has noticed, so it may assign numbers for the second time. */
  regressed = false;
  #copy: RecordCopy | undefined;
  #epochs = 1;
  #lastSequence = 0;
  #nextSerial: number;

  constructor(
    readonly clock: WorldClock,
    private readonly mutation: RecordMutation = {},
  ) {
    this.#nextSerial = clock.now;
  }

  /** Begins a transaction. Its id is assigned now, whenever it commits. */
  begin(kind: 'session' | 'key', lifetimeSeconds: number): Row {
    const number = this.rows.length;
    const names = `${kind}-${String(number)}`;
    const revokedAt = this.#seconds;
    const same = { id: uuid('7', number), issuer: ISSUER, revokedAt, trigger: 'logout' };
    const revocation: Revocation =
      kind === 'session'
        ? { ...same, kind, sessionId: names, expiresAt: revokedAt + lifetimeSeconds }
        : { ...same, kind, keyId: names, expiresAt: revokedAt + 86_400 };
    const lifetime = revocation.expiresAt - revokedAt;
    const mattersUntil = (Math.floor(this.clock.now / 1000) + lifetime) * 1000;
    const { now: writtenAt } = this.clock;
    const row: Row = {
      revocation,
      names,
      writtenAt,
      state: 'open',
      committedAt: Infinity,
      mattersUntil,
    };
    this.rows.push(row);
    return row;
  }

  commit(row: Row): void {
    row.state = 'committed';
    row.committedAt = this.clock.now;
  }

  isLive({ revocation }: Row): boolean {
    return revocation.expiresAt > this.#seconds;
  }

  unpublished(limit: number, through?: number): Row[] {
    return this.#visible()
      .filter((row) => row.sequence === undefined)
      .filter((row) => this.isLive(row) || row.serial !== undefined)
      .filter((row) => through === undefined || (row.serial ?? Infinity) <= through)
      .slice(0, limit);
  }

  /** When the oldest unpublished row was written. */
  oldestUnpublished(): number {
    const waiting = this.unpublished(Infinity);
    return Math.min(Infinity, ...waiting.map(({ writtenAt }) => writtenAt));
  }

  /** The rows that a relay picks if it remembers only the last id. */
  committedAfter(id: string, limit: number): Row[] {
    return this.#visible()
      .filter((row) => row.revocation.id > id && this.isLive(row))
      .slice(0, limit);
  }

  number(wanted: readonly Row[]): { row: Row; serial: number; published: boolean }[] {
    const found = this.#visible().filter((row) => wanted.includes(row));
    const numbered = found.map((row) => {
      row.serial ??= this.#give(row);
      return { row, serial: row.serial, published: row.sequence !== undefined };
    });
    return numbered.sort((one, other) => one.serial - other.serial);
  }

  numbered(): Pick<Watermark, 'serials' | 'revokedKeys'> {
    const live = this.#visible().filter((row) => this.isLive(row));
    const counted = live.filter(({ revocation }) => revocation.kind !== 'key');
    const from = Math.min(this.#nextSerial, ...counted.map(({ serial }) => serial ?? Infinity));
    const revokedKeys = live.flatMap(({ revocation }) =>
      revocation.kind === 'key'
        ? [{ keyId: revocation.keyId, expiresAt: revocation.expiresAt }]
        : [],
    );
    return { serials: { from, through: this.#nextSerial - 1 }, revokedKeys };
  }

  /** If the stream acknowledged a sequence for two rows, it has lost the first. */
  markPublished(
    published: readonly { row: Row; sequence: number }[],
    epoch: string,
  ): 'marked' | 'epoch_replaced' | 'stream_rolled_back' {
    if (epoch !== this.epoch) return 'epoch_replaced';
    const due = published.filter(({ row }) => !row.purged && row.sequence === undefined);
    const isTaken = (row: Row, sequence: number) =>
      sequence === this.#lastSequence ||
      this.#visible().some((other) => other !== row && other.sequence === sequence);
    if (due.some(({ row, sequence }) => isTaken(row, sequence))) return 'stream_rolled_back';
    for (const { row, sequence } of due) row.sequence = sequence;
    return 'marked';
  }

  /** For the mutant that does not wait for the acknowledgement, and so has no sequence. */
  markUnseen(row: Row): void {
    row.sequence = 0;
  }

  stream() {
    const published = this.#visible().filter(({ sequence }) => (sequence ?? 0) > 0);
    const live = published.filter((row) => row.revocation.kind !== 'key' && this.isLive(row));
    return {
      epoch: this.epoch,
      nextSerial: this.#nextSerial,
      created: this.streamCreated,
      highest: Math.max(this.#lastSequence, ...published.map(({ sequence }) => sequence ?? 0)),
      lowestLive: Math.min(...live.map(({ sequence }) => sequence ?? Infinity)),
      newest: live.reduce<Row | undefined>(
        (last, row) => ((row.sequence ?? 0) > (last?.sequence ?? 0) ? row : last),
        undefined,
      ),
    };
  }

  /** @param takenBack revocations that only the stream still held */
  beginNewEpoch(lost: string, serialsAbove = 0, takenBack: readonly string[] = []): string {
    if (lost !== this.epoch) return this.epoch;
    this.regressed = false;
    for (const row of this.rows)
      if (row.state === 'lost' && takenBack.includes(row.revocation.id)) this.commit(row);
    this.epoch = epochNamed(++this.#epochs);
    this.streamCreated = undefined;
    this.#lastSequence = 0;
    this.#nextSerial = this.mutation.numbers
      ? START_MILLISECONDS
      : Math.max(this.#nextSerial, this.clock.now + this.databaseAhead, serialsAbove) +
        SERIALS_LEFT_OUT;
    for (const row of this.#visible()) {
      delete row.serial;
      delete row.sequence;
    }
    return this.epoch;
  }

  recordStreamCreated(epoch: string, created: number): void {
    if (epoch === this.epoch) this.streamCreated ??= created;
  }

  recordSequence(epoch: string, sequence: number): void {
    if (epoch === this.epoch) this.#lastSequence = Math.max(this.#lastSequence, sequence);
  }

  purgeExpired(): void {
    for (const row of this.#visible()) {
      const settled = row.sequence !== undefined || row.serial === undefined;
      if (settled && !this.isLive(row)) row.purged = true;
    }
  }

  has(id: string): boolean {
    return this.#visible().some(({ revocation }) => revocation.id === id);
  }

  /** Whether a row was published at this sequence. */
  accountsFor(sequence: number): boolean {
    return this.#visible().some((row) => row.sequence === sequence);
  }

  backUp(): void {
    this.#copy = this.copy();
  }

  copy(): RecordCopy {
    const rows = new Map(
      this.#visible().map((row) => {
        const { serial, sequence } = row;
        return [
          row,
          { ...(serial !== undefined && { serial }), ...(sequence !== undefined && { sequence }) },
        ];
      }),
    );
    return {
      rows,
      epoch: this.epoch,
      streamCreated: this.streamCreated,
      lastSequence: this.#lastSequence,
      nextSerial: this.#nextSerial,
    };
  }

  /** Fails over to a lagging standby, or restores a backup. Open transactions are rolled back. */
  goBack(): void {
    if (!this.#copy) return;
    this.regressed = true;
    this.#putBack(this.#copy);
  }

  /** The stream is restored to the same moment, so only verifiers know which numbers came after it. */
  goBackWithStream(copy: RecordCopy): void {
    this.#putBack(copy);
    this.given = this.given.filter(({ serial }) => serial < copy.nextSerial);
    // The machine's backups are restored with it.
    this.#copy = undefined;
  }

  #putBack(copy: RecordCopy): void {
    for (const row of this.rows) {
      const kept = copy.rows.get(row);
      if (row.state === 'open') row.state = 'rolled_back';
      if (row.state === 'committed' && !row.purged && !kept) row.state = 'lost';
      delete row.serial;
      delete row.sequence;
      if (kept) {
        delete row.purged;
        Object.assign(row, kept);
      }
    }
    this.epoch = copy.epoch;
    this.streamCreated = copy.streamCreated;
    this.#lastSequence = copy.lastSequence;
    this.#nextSerial = copy.nextSerial;
  }

  get #seconds(): number {
    const ahead = this.mutation.dates ? this.databaseAhead : 0;
    return Math.floor((this.clock.now + ahead) / 1000);
  }

  #visible(): Row[] {
    return this.rows.filter(({ state, purged }) => state === 'committed' && !purged);
  }

  #give(row: Row): number {
    const serial = this.#nextSerial++;
    if (!this.regressed) this.given.push({ serial, row });
    return serial;
  }
}
