import { DenyList, type KnownUntil } from '@latchkey/deny-list';
import type { StreamMessage } from '../../src/signed-event-reader.js';
import { StreamFollower, type StreamState } from '../../src/stream-follower.js';
import { NoAnswerError, type ModelBroker } from './broker.js';
import { ISSUER, type Row, type WorldClock } from './record.js';
import type { Authority } from './relay.js';

/** Ways to get it wrong. */
export interface VerifierMutation {
  /** Complete is what has no hole in its sequences. */
  readonly trusts?: 'sequences';
  readonly repairsGaps?: 'without_reading';
  /** It takes the stream for the one that it has left. */
  readonly resumes?: 'without_comparing';
  readonly clock?: 'wall_only' | 'monotonic_only';
}

/** The real list, with an eye on when it became fresher. */
class ObservedDenyList extends DenyList {
  constructor(
    options: ConstructorParameters<typeof DenyList>[0],
    private readonly mutation: VerifierMutation,
    private readonly onFresher: () => void,
  ) {
    super(options);
  }

  override applyWatermark(known: KnownUntil): number {
    const { through } = known.serials;
    const believed = this.mutation.trusts
      ? { ...known, serials: { from: through + 1, through } }
      : known;
    const before = this.stalenessSeconds(ISSUER);
    const missing = super.applyWatermark(believed);
    if (this.stalenessSeconds(ISSUER) < before) this.onFresher();
    return missing;
  }
}

interface Reading {
  readonly state: StreamState;
  readonly incarnation: object | undefined;
  next: number;
}

/**
 * A verifier: the real deny-list and the real follower, with the loop of `revocation-feed.ts` taken
 * apart into steps, since its sockets are the model's.
 */
export class ModelVerifier {
  denyList!: DenyList;
  follower!: StreamFollower;
  /** Republished and on its way here. */
  live: StreamMessage[] = [];
  connected = true;
  /** Numbers mean something else since it last read the stream, which it cannot know yet. */
  outdated = false;
  readonly keys = new Set([1]);
  /** How far the wall clock is ahead of the true time. */
  wallAhead = 0;
  /** How long the monotonic clock stood still, as in a machine that sleeps. */
  #asleep = 0;
  #atReceipt = { wallAhead: 0, asleep: 0 };
  #reading: Reading | undefined;
  /** For the mutant that trusts its memory. */
  readonly #applied = new Map<number, StreamMessage>();

  constructor(
    private readonly clock: WorldClock,
    private readonly broker: ModelBroker,
    private readonly authority: Authority,
    private readonly mutation: VerifierMutation = {},
  ) {
    this.restart();
  }

  get loaded(): boolean {
    return this.denyList.loaded;
  }

  get stalenessMilliseconds(): number {
    return Math.round(this.denyList.stalenessSeconds(ISSUER) * 1000);
  }

  /**
   * By how much it may think itself fresher than it is. No more than the wall clock is behind *now*;
   * no more either than it was behind when the watermark came, if the machine has not slept since.
   */
  get clockErrorMilliseconds(): number {
    const { wallAhead, asleep } = this.#atReceipt;
    const byMonotonicClock = Math.max(0, -wallAhead) + this.#asleep - asleep;
    return Math.max(0, Math.min(-this.wallAhead, byMonotonicClock));
  }

  denies({ revocation, names }: Row): boolean {
    const token = { issuer: ISSUER, subject: 'ada', issuedAt: revocation.revokedAt - 10 };
    const carried =
      revocation.kind === 'key'
        ? { keyId: names, sessionId: 'another' }
        : { keyId: 'another', sessionId: names };
    return this.denyList.isRevoked({ ...token, ...carried });
  }

  /** The process begins anew, and knows nothing. */
  restart(): void {
    const wall = () => this.clock.now + this.wallAhead;
    const monotonic = () => this.clock.now - this.#asleep;
    const { clock } = this.mutation;
    const options = {
      now: clock === 'monotonic_only' ? monotonic : wall,
      monotonicNow: clock === 'wall_only' ? wall : monotonic,
    };
    this.denyList = new ObservedDenyList(options, this.mutation, () => {
      this.#atReceipt = { wallAhead: this.wallAhead, asleep: this.#asleep };
    });
    const verifyEvent = (jws: string) => this.#verify(jws);
    this.follower = new StreamFollower({ denyList: this.denyList, verifyEvent }, () => undefined);
    this.#reading = undefined;
    this.live = [];
  }

  sleep(milliseconds: number): void {
    this.#asleep += milliseconds;
  }

  disconnect(): void {
    this.connected = false;
    this.live = [];
    if (this.#reading) this.follower.behind = true;
    this.#reading = undefined;
  }

  /** The server was put back to an earlier moment, which ends every connection. */
  loseServer({ reconnects }: { reconnects: boolean }): void {
    const wasConnected = this.connected;
    this.outdated = true;
    this.disconnect();
    if (wasConnected && reconnects) this.connect();
  }

  connect(): void {
    this.connected = true;
    this.follower.behind = true;
  }

  /** One second of the feed's clock: what is missing or overdue is looked for again. */
  async tick({ overdue }: { overdue: boolean }): Promise<void> {
    if (overdue || this.follower.incomplete) this.follower.behind = true;
    if (this.follower.hasDeferred) await this.follower.tryDeferred();
  }

  /** Reads so many messages of what is missing. What comes live waits meanwhile. */
  async read(count: number): Promise<void> {
    if (!this.connected) return;
    try {
      await this.#beginReading();
      for (let left = count; left > 0 && this.#reading; left--) await this.#readNext(this.#reading);
    } catch (error) {
      if (!(error instanceof NoAnswerError)) throw error;
      this.follower.behind = true;
      this.#reading = undefined;
    }
    this.#judge();
  }

  /** Takes one of what is on its way; any but the first is out of order. */
  async hear(index: number): Promise<void> {
    if (this.#reading || this.#mustReadFirst) return;
    const [message] = this.live.splice(index % (this.live.length || 1), 1);
    if (!message) return;
    await this.follower.takeLive(message);
    this.#applied.set(message.sequence, message);
    this.#judge();
  }

  /** All that can be known by now. */
  async catchUp(): Promise<void> {
    for (let turn = 0; turn < 5; turn++) {
      await this.read(Infinity);
      while (this.live.length > 0 && !this.#mustReadFirst) await this.hear(0);
    }
  }

  get #mustReadFirst(): boolean {
    return this.follower.behind && this.connected;
  }

  async #beginReading(): Promise<void> {
    if (this.#reading || !this.follower.behind) return;
    if (this.mutation.repairsGaps && this.loaded) return this.#pretendToRead();
    const state = this.broker.state();
    const next = await this.follower.resume(state, (sequence) => this.#at(sequence));
    this.#reading = { state, next, incarnation: this.broker.stream };
  }

  async #readNext(reading: Reading): Promise<void> {
    if (this.broker.stream !== reading.incarnation) throw new NoAnswerError('reader is gone');
    const message = this.broker.next(reading.next);
    if (message) {
      await this.follower.takeStored(message);
      this.#applied.set(message.sequence, message);
      reading.next = message.sequence + 1;
      return;
    }
    this.follower.reachedEnd(reading.state);
    this.#reading = undefined;
    this.outdated = false;
  }

  async #pretendToRead(): Promise<void> {
    const state = this.broker.state();
    await this.follower.resume(state, (sequence) => this.#at(sequence));
    this.follower.reachedEnd(state);
  }

  #at(sequence: number): Promise<StreamMessage | undefined> {
    const { resumes } = this.mutation;
    const found = resumes ? this.#applied.get(sequence) : this.broker.next(sequence);
    return Promise.resolve(found);
  }

  #judge(): void {
    const { behind, incomplete, freshAt } = this.follower;
    if (!incomplete && !behind && freshAt !== -Infinity) this.denyList.markLoaded();
  }

  #verify(jws: string): Promise<unknown> {
    const key = Number(/^key(\d+)\./.exec(jws)?.[1]);
    const claims = this.authority.signed.get(jws);
    if (claims && !this.keys.has(key))
      return Promise.reject(Object.assign(new Error('unknown key'), { code: 'unknown_key' }));
    return claims ? Promise.resolve(claims) : Promise.reject(new Error('not signed'));
  }
}
