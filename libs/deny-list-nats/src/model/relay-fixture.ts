import {
  eventClaimsToMessage,
  revocationSubject,
  revocationToEventClaims,
  WATERMARK_SUBJECT,
  watermarkToEventClaims,
  type FeedMessage,
  type RevocationEventClaims,
  type Watermark,
} from '@latchkey/contracts';
import { NoAnswerError, type ModelBroker, type Publication } from './broker-fixture.js';
import { epochNamed, ISSUER, type ModelRecord, type Row } from './record-fixture.js';

const BATCH = 2;

/** What becomes of what a relay sends in its next step. */
export type Fate = 'arrives' | 'unanswered' | 'lost' | 'late';

/** Ways to get it wrong. */
export interface RelayMutation {
  readonly picks?: 'by_last_id';
  readonly readsTime?: 'after_the_snapshot' | 'of_the_database';
  readonly publishesNumbered?: 'never';
  readonly marks?: 'before_the_answer';
  readonly messageId?: 'the_number';
  readonly audits?: 'never';
}

/** Who can sign: what it never signed verifies nowhere. */
export class Authority {
  readonly signed = new Map<string, RevocationEventClaims>();
  key = 1;

  sign(claims: RevocationEventClaims): string {
    const text = `key${String(this.key)}.${String(this.signed.size)}`;
    this.signed.set(text, claims);
    return text;
  }
}

export interface RelayWorld {
  readonly record: ModelRecord;
  readonly broker: ModelBroker;
  readonly authority: Authority;
  /** Told before a watermark is sent. */
  readonly judgeWatermark: (watermark: Watermark) => void;
}

type Steps<T = void> = Generator<undefined, T, undefined>;

/** The stream was replaced under it. */
class OvertakenError extends Error {}

/**
 * One replica of the auth service, line by line as in `relay-round.ts` and `event-publisher.ts`: at
 * each `yield` anything else can happen, its own death included.
 */
export class ModelRelay {
  fate: Fate = 'arrives';
  #round: Steps | undefined;
  #requests: Steps[] = [];
  #epoch: string | undefined;
  /** The epoch whose stream holds all that was revoked before it began. */
  #filled: string | undefined;
  /** What this process has seen of the record: one more than the highest number. */
  #seenSerial = 0;
  #accounted: { readonly created: number; readonly through: number } | undefined;
  /** What the naive relay remembers. */
  #lastId = '';

  constructor(
    private readonly world: RelayWorld,
    private readonly mutation: RelayMutation = {},
  ) {}

  get idle(): boolean {
    return this.#round === undefined;
  }

  crash(): void {
    this.#round = undefined;
    this.#requests = [];
    this.#epoch = undefined;
    this.#filled = undefined;
    this.#seenSerial = 0;
    this.#accounted = undefined;
  }

  /** A log-out that was just committed here is published at once, beside the rounds. */
  publishNow(row: Row): void {
    if (this.#epoch !== undefined) this.#requests.push(this.#publish([row], this.#epoch));
  }

  stepRound(): void {
    this.#round ??= this.#run();
    if (this.#ended(this.#round)) this.#round = undefined;
  }

  stepRequest(index: number): void {
    const request = this.#requests[index % (this.#requests.length || 1)];
    if (request && this.#ended(request))
      this.#requests = this.#requests.filter((each) => each !== request);
  }

  #ended(steps: Steps): boolean {
    try {
      return steps.next().done === true;
    } catch (error) {
      if (error instanceof NoAnswerError || error instanceof OvertakenError) return true;
      throw error;
    }
  }

  *#run(): Steps {
    const epoch = yield* this.#ensureStream();
    this.#epoch = epoch;
    for (;;) {
      const batch = this.#pick(undefined);
      yield;
      if (batch.length > 0) yield* this.#publish(batch, epoch);
      const isLast = batch.length < BATCH;
      if (isLast || this.#filled === epoch) yield* this.#putWatermark(epoch);
      if (!isLast) continue;
      this.#filled = epoch;
      return;
    }
  }

  *#putWatermark(epoch: string): Steps {
    const { record } = this.world;
    const now = record.clock.now;
    yield;
    let timeMilliseconds = this.mutation.picks ? now : Math.min(now, record.oldestUnpublished());
    if (this.mutation.readsTime === 'of_the_database') timeMilliseconds += record.databaseAhead;
    yield;
    const { serials, revokedKeys } = record.numbered();
    if (this.mutation.readsTime === 'after_the_snapshot') timeMilliseconds = record.clock.now;
    yield;
    if (!this.mutation.publishesNumbered) yield* this.#publishNumbered(epoch, serials.through);
    const { highest, epoch: recorded } = record.stream();
    if (recorded !== epoch) throw new OvertakenError();
    yield;
    const watermark = { issuer: ISSUER, timeMilliseconds, serials, revokedKeys, epoch };
    const sequence = yield* this.#publishWatermark({ ...watermark, position: highest });
    record.recordSequence(epoch, sequence);
  }

  *#ensureStream(): Steps<string> {
    const { record, broker } = this.world;
    const seen = this.#seenSerial;
    const before = record.stream();
    const wentBack = before.nextSerial < seen;
    yield;
    const found = broker.info();
    const audit = found && !this.mutation.audits;
    const accounted = wentBack || !found ? 0 : this.#accountedOf(found);
    const lostBefore = isLost(before, found, before.lowestLive);
    const unrecorded = audit ? yield* this.#survey(found, lostBefore ? 0 : accounted) : NOTHING;
    yield;
    const after = record.stream();
    if (!wentBack) this.#seenSerial = Math.max(seen, after.nextSerial);
    yield;
    let { epoch } = after;
    const regressed = audit && (wentBack || isRegressed(after, unrecorded, found, accounted === 0));
    const above = Math.max(this.#seenSerial, unrecorded.highestSerial);
    if (epoch === before.epoch && (regressed || isLost(before, found, after.lowestLive))) {
      epoch = record.beginNewEpoch(epoch, above, unrecorded.missing);
      yield;
    }
    if (found) this.#accounted = { created: found.created, through: found.last };
    const fits = found?.epoch === epoch;
    const created = fits ? found.created : broker.configure(epoch, !found);
    yield;
    record.recordStreamCreated(epoch, created);
    return epoch;
  }

  #accountedOf({ created, last }: { created: number; last: number }): number {
    const { created: of, through } = this.#accounted ?? { created: 0, through: 0 };
    return of === created && through <= last ? through : 0;
  }

  /** What `record-audit.ts` does. */
  *#survey({ last, first }: { last: number; first: number }, after: number): Steps<Unrecorded> {
    const { record, broker, authority } = this.world;
    const found: Unrecorded = { missing: [], highestSerial: 0, endUnknown: true };
    for (let sequence = Math.max(first, after + 1); sequence <= last; sequence++) {
      if (record.accountsFor(sequence)) continue;
      const stored = broker.at(sequence);
      yield;
      if (!stored) continue;
      found.endUnknown = sequence !== last;
      const claims = authority.signed.get(stored.text);
      if (claims) note(found, eventClaimsToMessage(claims), record);
    }
    return found;
  }

  *#publishNumbered(epoch: string, through: number): Steps {
    for (;;) {
      const batch = this.world.record.unpublished(BATCH, through);
      yield;
      if (batch.length > 0) yield* this.#publish(batch, epoch);
      if (batch.length < BATCH) return;
    }
  }

  #pick(through: number | undefined): Row[] {
    const { record } = this.world;
    if (!this.mutation.picks || through !== undefined) return record.unpublished(BATCH, through);
    const batch = record.committedAfter(this.#lastId, BATCH);
    this.#lastId = batch.at(-1)?.revocation.id ?? this.#lastId;
    return batch;
  }

  *#publish(rows: readonly Row[], epoch: string): Steps {
    const { record, authority } = this.world;
    const seen = this.#seenSerial;
    const { nextSerial } = record.stream();
    const numbered = record.number(rows);
    // Numbered all the same: that much is committed by the time the answer tells.
    if (nextSerial < seen && !this.mutation.audits) throw new OvertakenError();
    this.#seenSerial = Math.max(this.#seenSerial, nextSerial);
    const { highest } = record.stream();
    yield;
    const published: { row: Row; sequence: number }[] = [];
    const stored: { subject: string; sequence: number }[] = [];
    for (const { row, serial } of numbered.filter((each) => !each.published)) {
      const { revocation } = row;
      const text = authority.sign(revocationToEventClaims(revocation, serial));
      const id = this.mutation.messageId ? '' : revocation.id;
      const messageId = `${id}.${String(serial)}.${String(authority.key)}`;
      const subject = revocationSubject(revocation, serial);
      const publication = { subject, text, messageId };
      if (this.mutation.marks) record.markUnseen(row);
      const { sequence, duplicate } = yield* this.#send(publication);
      if (!duplicate && sequence <= highest) this.#replaceStream(epoch);
      published.push({ row, sequence });
      if (!this.mutation.messageId) stored.push({ subject, sequence });
    }
    yield;
    // The broker keeps one message per subject: what is gone was replaced by itself or has expired.
    if (stored.some((each) => isOther(this.world.broker, each))) this.#replaceStream(epoch);
    const outcome = record.markPublished(published, epoch);
    if (outcome === 'stream_rolled_back') this.#replaceStream(epoch);
    if (outcome !== 'marked') throw new OvertakenError();
  }

  #replaceStream(epoch: string): never {
    this.world.record.beginNewEpoch(epoch, this.#seenSerial);
    throw new OvertakenError();
  }

  *#publishWatermark(watermark: Watermark): Steps<number> {
    const { authority, judgeWatermark } = this.world;
    const claims = watermarkToEventClaims(watermark, epochNamed(authority.signed.size));
    const text = authority.sign(claims);
    judgeWatermark(watermark);
    const { sequence } = yield* this.#send({ subject: WATERMARK_SUBJECT, text });
    if (sequence <= watermark.position) this.#replaceStream(watermark.epoch);
    return sequence;
  }

  *#send(publication: Publication): Steps<ReturnType<ModelBroker['store']>> {
    yield;
    const { broker } = this.world;
    if (this.fate === 'late') broker.late.push(publication);
    if (this.fate === 'late' || this.fate === 'lost') throw new NoAnswerError();
    const acknowledged = broker.store(publication);
    if (this.fate === 'unanswered') throw new NoAnswerError();
    return acknowledged;
  }
}

function isLost(
  recorded: ReturnType<ModelRecord['stream']>,
  found: ReturnType<ModelBroker['info']>,
  lowestLive: number,
): boolean {
  if (recorded.created === undefined) return false;
  if (!found || found.created !== recorded.created || found.epoch !== recorded.epoch) return true;
  return found.last < recorded.highest || (lowestLive !== Infinity && found.first > lowestLive);
}

/** What the stream knows and the record does not say. */
interface Unrecorded {
  readonly missing: string[];
  highestSerial: number;
  endUnknown: boolean;
}

const NOTHING: Unrecorded = { missing: [], highestSerial: 0, endUnknown: true };

function note(found: Unrecorded, message: FeedMessage, record: ModelRecord): void {
  const serial = message.type === 'revocation' ? message.serial : message.watermark.serials.through;
  found.highestSerial = Math.max(found.highestSerial, serial);
  if (message.type !== 'revocation') return;
  const { id, expiresAt } = message.revocation;
  if (expiresAt > Math.floor(record.clock.now / 1000) && !record.has(id)) found.missing.push(id);
}

function isRegressed(
  recorded: ReturnType<ModelRecord['stream']>,
  { missing, highestSerial, endUnknown }: Unrecorded,
  found: { last: number } | undefined,
  first: boolean,
): boolean {
  if (recorded.created === undefined) return false;
  if (highestSerial >= recorded.nextSerial || missing.length > 0) return true;
  return first && (found?.last ?? 0) > recorded.highest && endUnknown;
}

/** Whether something else lies where this was acknowledged. */
function isOther(
  broker: ModelBroker,
  { subject, sequence }: { subject: string; sequence: number },
): boolean {
  return broker.at(sequence)?.subject !== subject;
}
