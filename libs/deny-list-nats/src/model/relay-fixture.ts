import {
  revocationSubject,
  revocationToEventClaims,
  WATERMARK_SUBJECT,
  watermarkToEventClaims,
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
    const { record } = this.world;
    const epoch = yield* this.#ensureStream();
    let timeMilliseconds = record.clock.now;
    if (this.mutation.readsTime === 'of_the_database') timeMilliseconds += record.databaseAhead;
    yield;
    yield* this.#publishAll(epoch);
    const { serials, revokedKeys } = record.numbered();
    if (this.mutation.readsTime === 'after_the_snapshot') timeMilliseconds = record.clock.now;
    yield;
    if (!this.mutation.publishesNumbered) yield* this.#publishAll(epoch, serials.through);
    const { highest, epoch: recorded } = record.stream();
    if (recorded !== epoch) throw new OvertakenError();
    yield;
    const watermark = { issuer: ISSUER, timeMilliseconds, serials, revokedKeys, epoch };
    const sequence = yield* this.#publishWatermark({ ...watermark, position: highest });
    record.recordSequence(epoch, sequence);
    this.#epoch = epoch;
  }

  *#ensureStream(): Steps<string> {
    const { record, broker } = this.world;
    const before = record.stream();
    yield;
    const found = broker.info();
    yield;
    const after = record.stream();
    yield;
    let { epoch } = after;
    if (epoch === before.epoch && isLost(before, found, after.lowestLive)) {
      epoch = record.beginNewEpoch(epoch);
      yield;
    }
    const fits = found?.epoch === epoch;
    const created = fits ? found.created : broker.configure(epoch, !found);
    yield;
    record.recordStreamCreated(epoch, created);
    return epoch;
  }

  *#publishAll(epoch: string, through?: number): Steps {
    for (;;) {
      const batch = this.#pick(through);
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
    const numbered = record.number(rows);
    const { highest } = record.stream();
    yield;
    const published: { row: Row; sequence: number }[] = [];
    for (const { row, serial } of numbered.filter((each) => !each.published)) {
      const { revocation } = row;
      const text = authority.sign(revocationToEventClaims(revocation, serial));
      const messageId = `${String(serial)}.${String(authority.key)}`;
      const publication = { subject: revocationSubject(revocation, serial), text, messageId };
      if (this.mutation.marks) record.markUnseen(row);
      const { sequence, duplicate } = yield* this.#send(publication);
      if (!duplicate && sequence <= highest) this.#replaceStream(epoch);
      published.push({ row, sequence });
    }
    yield;
    const outcome = record.markPublished(published, epoch);
    if (outcome === 'stream_rolled_back') this.#replaceStream(epoch);
    if (outcome !== 'marked') throw new OvertakenError();
  }

  #replaceStream(epoch: string): never {
    this.world.record.beginNewEpoch(epoch);
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
