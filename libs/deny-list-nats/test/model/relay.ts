import {
  revocationSubject,
  revocationToEventClaims,
  WATERMARK_SUBJECT,
  watermarkToEventClaims,
  type Watermark,
} from '@latchkey/contracts';
import {
  isLost,
  isNewestGone,
  isOther,
  isRegressed,
  NOTHING,
  survey,
  type Unrecorded,
} from './record-audit.js';
import type { Authority } from './authority.js';
import { NoAnswerError, type Fate, type ModelBroker, type Publication } from './broker.js';
import { epochNamed, ISSUER, type ModelRecord } from './record.js';
import type { Row } from './row.js';

const BATCH = 2;

/** Ways to break a relay on purpose. */
export interface RelayMutation {
  readonly picks?: 'by_last_id';
  readonly readsTime?: 'after_the_snapshot' | 'of_the_database';
  readonly publishesNumbered?: 'never';
  readonly marks?: 'before_the_answer';
  readonly messageId?: 'the_number';
  readonly audits?: 'never';
}

export interface RelayWorld {
  readonly record: ModelRecord;
  readonly broker: ModelBroker;
  readonly authority: Authority;
  /** Called before a watermark is sent. */
  readonly checkWatermark: (watermark: Watermark) => void;
}

interface Comparison {
  readonly before: ReturnType<ModelRecord['stream']>;
  readonly after: ReturnType<ModelRecord['stream']>;
  readonly found: ReturnType<ModelBroker['info']>;
  readonly unrecorded: Unrecorded;
  readonly broken: boolean;
}

interface Published {
  readonly row: Row;
  readonly subject: string;
  readonly sequence: number;
}

type Steps<T = void> = Generator<undefined, T, undefined>;

/** The stream was replaced during the round. */
class OvertakenError extends Error {}

/**
 * One replica of the auth service. Mirrors `relay-round.ts` and `event-publisher.ts` line by line: at
 * each `yield` anything else can happen, including its own crash.
 */
export class ModelRelay {
  /** The fate of the messages that the relay sends in its next step. */
  fate: Fate = 'arrives';
  #round: Steps | undefined;
  #requests: Steps[] = [];
  #epoch: string | undefined;
  /** The epoch whose stream holds everything that was revoked before it began. */
  #filled: string | undefined;
  /** One more than the highest number that this process has seen in the record. */
  #seenSerial = 0;
  #accounted: { readonly created: number; readonly through: number } | undefined;
  /** For the mutant that continues after the last id. */
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

  /** Publishes a log-out at once, concurrently with the rounds. */
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
    const times = { timeMilliseconds, issuedAt: Math.floor(record.clock.now / 1000) };
    const watermark = { issuer: ISSUER, ...times, serials, revokedKeys, epoch };
    const sequence = yield* this.#publishWatermark({ ...watermark, sequence: highest });
    record.recordSequence(epoch, sequence);
  }

  *#ensureStream(): Steps<string> {
    const { record, broker } = this.world;
    const compared = this.mutation.audits ? this.#compareBlindly() : this.#compare();
    const { before, after, found, unrecorded, broken } = yield* compared;
    let { epoch } = after;
    if (epoch === before.epoch && broken) {
      const above = Math.max(this.#seenSerial, unrecorded.highestSerial);
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

  *#compare(): Steps<Comparison> {
    const { record, broker } = this.world;
    const seen = this.#seenSerial;
    const before = record.stream();
    const wentBack = before.nextSerial < seen;
    yield;
    const found = broker.info();
    const gone = isNewestGone(before, broker);
    const suspicious = wentBack || gone || isLost(before, found, before.lowestLive);
    const accounted = this.#accountedOf(found);
    const from = suspicious ? 0 : accounted;
    const unrecorded = found ? yield* survey(this.world, found, from) : NOTHING;
    yield;
    const after = record.stream();
    if (!wentBack) this.#seenSerial = Math.max(seen, after.nextSerial);
    yield;
    const lost = gone || isLost(before, found, after.lowestLive);
    const regressed = wentBack || isRegressed(after, unrecorded, found, accounted === 0);
    return { before, after, found, unrecorded, broken: lost || regressed };
  }

  /** For the mutant that assumes that its record never goes backward. */
  *#compareBlindly(): Steps<Comparison> {
    const { record, broker } = this.world;
    const before = record.stream();
    yield;
    const found = broker.info();
    yield;
    const after = record.stream();
    yield;
    const broken = isLost(before, found, after.lowestLive);
    return { before, after, found, unrecorded: NOTHING, broken };
  }

  #accountedOf(stream: ReturnType<ModelBroker['info']>): number {
    if (!stream) return 0;
    const { created: found, last } = stream;
    const { created: of, through } = this.#accounted ?? { created: 0, through: 0 };
    return of === found && through <= last ? through : 0;
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
    const { record, broker } = this.world;
    const numbered = this.#number(rows).filter((each) => !each.published);
    const { highest } = record.stream();
    yield;
    const published: Published[] = [];
    for (const { row, serial } of numbered) {
      if (this.mutation.marks) record.markUnseen(row);
      const { sequence, duplicate } = yield* this.#send(this.#publicationOf(row, serial));
      if (!duplicate && sequence <= highest) this.#replaceStream(epoch);
      const subject = revocationSubject(row.revocation, serial);
      published.push({ row, subject, sequence });
    }
    yield;
    // The broker keeps one message per subject, so a missing message was replaced by itself or has expired.
    const isBelieved = this.mutation.messageId !== undefined;
    if (!isBelieved && published.some((each) => isOther(broker, each))) this.#replaceStream(epoch);
    const outcome = record.markPublished(published, epoch);
    if (outcome === 'stream_rolled_back') this.#replaceStream(epoch);
    if (outcome !== 'marked') throw new OvertakenError();
  }

  #number(rows: readonly Row[]): ReturnType<ModelRecord['number']> {
    const { record } = this.world;
    const { nextSerial } = record.stream();
    const numbered = record.number(rows);
    // The numbers are assigned nevertheless, because they are committed before the answer shows it.
    if (nextSerial < this.#seenSerial && !this.mutation.audits) throw new OvertakenError();
    this.#seenSerial = Math.max(this.#seenSerial, nextSerial);
    return numbered;
  }

  #publicationOf({ revocation }: Row, serial: number): Publication {
    const { authority } = this.world;
    const id = this.mutation.messageId ? '' : revocation.id;
    return {
      subject: revocationSubject(revocation, serial),
      text: authority.sign(revocationToEventClaims(revocation, serial)),
      messageId: `${id}.${String(serial)}.${String(authority.key)}`,
    };
  }

  #replaceStream(epoch: string): never {
    this.world.record.beginNewEpoch(epoch, this.#seenSerial);
    throw new OvertakenError();
  }

  *#publishWatermark(watermark: Watermark): Steps<number> {
    const { authority, checkWatermark } = this.world;
    const claims = watermarkToEventClaims(watermark, epochNamed(authority.signed.size));
    const text = authority.sign(claims);
    checkWatermark(watermark);
    const { sequence } = yield* this.#send({ subject: WATERMARK_SUBJECT, text });
    if (sequence <= watermark.sequence) this.#replaceStream(watermark.epoch);
    return sequence;
  }

  *#send(publication: Publication): Steps<ReturnType<ModelBroker['receive']>> {
    yield;
    return this.world.broker.receive(publication, this.fate);
  }
}
