import { DenyList, type WatermarkStatement } from '@latchkey/deny-list';
import { FeedMachine } from '../../src/feed-machine.js';
import type { StreamMessage } from '../../src/signed-event-reader.js';
import { StreamFollower } from '../../src/stream-follower.js';
import type { StreamState } from '../../src/stream-state.js';
import { NoAnswerError, type ModelBroker } from './broker.js';
import { ISSUER } from './record.js';
import type { Row } from './row.js';
import type { WorldClock } from './world-clock.js';
import type { Authority } from './authority.js';

/** Ways to break a verifier on purpose. */
export interface VerifierMutation {
  /** Takes a stream without a hole in its sequences for complete. */
  readonly trusts?: 'sequences';
  readonly repairsGaps?: 'without_reading';
  /** Continues without comparing what is on the stream with what it applied. */
  readonly resumes?: 'without_comparing';
  readonly clock?: 'wall_only' | 'monotonic_only';
}

/** The real deny-list, which reports when it becomes fresher. */
class ObservedDenyList extends DenyList {
  constructor(
    options: ConstructorParameters<typeof DenyList>[0],
    private readonly mutation: VerifierMutation,
    private readonly onFresher: () => void,
  ) {
    super(options);
  }

  override applyWatermark(known: WatermarkStatement): number {
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
 * A verifier with the real deny-list, follower and state machine. The loop of `feed-worker.ts` is split
 * into steps, and the network is the model's.
 */
export class ModelVerifier {
  denyList!: DenyList;
  follower!: StreamFollower;
  #machine!: FeedMachine;
  /** Republished messages that are on their way here. */
  live: StreamMessage[] = [];
  /** Numbers were assigned anew since it last read the stream, which it cannot know yet. */
  outdated = false;
  readonly keys = new Set([1]);
  /** How far the wall clock is ahead of the true time. */
  wallAhead = 0;
  /** How long the monotonic clock stood still, as on a machine that sleeps. */
  #asleep = 0;
  #atReceipt = { wallAhead: 0, asleep: 0 };
  #reading: Reading | undefined;
  /** What the mutant that does not compare finds on the stream. */
  readonly #applied = new Map<number, StreamMessage>();

  constructor(
    private readonly clock: WorldClock,
    private readonly broker: ModelBroker,
    private readonly authority: Authority,
    private readonly mutation: VerifierMutation = {},
  ) {
    this.#begin({ connected: true });
  }

  get connected(): boolean {
    return this.#machine.isConnected;
  }

  get loaded(): boolean {
    return this.denyList.loaded;
  }

  get stalenessMilliseconds(): number {
    return Math.round(this.denyList.stalenessSeconds(ISSUER) * 1000);
  }

  /**
   * By how much it may underestimate its staleness: at most the amount that its wall clock is behind
   * now, and at most the amount that it was behind at the last watermark plus the sleep since then.
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

  /** Restarts the process, which loses everything. */
  restart(): void {
    this.#begin({ connected: this.connected });
  }

  #begin({ connected }: { connected: boolean }): void {
    const wall = () => this.clock.now + this.wallAhead;
    const monotonic = () => this.clock.now - this.#asleep;
    const { clock } = this.mutation;
    const clocks = {
      now: clock === 'monotonic_only' ? monotonic : wall,
      monotonicNow: clock === 'wall_only' ? wall : monotonic,
    };
    this.denyList = new ObservedDenyList(clocks, this.mutation, () => {
      this.#atReceipt = { wallAhead: this.wallAhead, asleep: this.#asleep };
    });
    const verifyEvent = (jws: string) => this.#verify(jws);
    this.#machine = new FeedMachine();
    if (connected) this.#machine.handle('connected');
    const options = { denyList: this.denyList, verifyEvent };
    this.follower = new StreamFollower(options, this.#machine, () => undefined);
    this.#reading = undefined;
    this.live = [];
  }

  sleep(milliseconds: number): void {
    this.#asleep += milliseconds;
  }

  disconnect(): void {
    this.#machine.handle('disconnected');
    this.live = [];
    this.#reading = undefined;
  }

  /** The server was restored to an earlier moment, which ends every connection. */
  loseServer({ reconnects }: { reconnects: boolean }): void {
    const wasConnected = this.connected;
    this.outdated = true;
    this.disconnect();
    if (wasConnected && reconnects) this.connect();
  }

  connect(): void {
    this.#machine.handle('connected');
  }

  /** One tick of the feed: reads again what is missing or overdue. */
  async tick({ overdue }: { overdue: boolean }): Promise<void> {
    if (overdue || this.follower.incomplete) this.#machine.handle('missed');
    if (this.follower.hasDeferred) await this.follower.tryDeferred();
  }

  /** Reads up to `count` messages of the stream, while live messages wait. */
  async read(count: number): Promise<void> {
    if (!this.connected) return;
    try {
      await this.#beginReading();
      for (let left = count; left > 0 && this.#reading; left--) await this.#readNext(this.#reading);
    } catch (error) {
      if (!(error instanceof NoAnswerError)) throw error;
      this.#machine.handle('missed');
      this.#reading = undefined;
    }
    this.#markLoadedIfComplete();
  }

  /** Receives one of the live messages; any but the first is out of order. */
  async hear(index: number): Promise<void> {
    if (this.#reading || this.#mustReadFirst) return;
    const [message] = this.live.splice(index % (this.live.length || 1), 1);
    if (!message) return;
    await this.follower.takeLive(message);
    this.#applied.set(message.sequence, message);
    this.#markLoadedIfComplete();
  }

  /** Applies everything that can be known by now. */
  async catchUp(): Promise<void> {
    for (let turn = 0; turn < 5; turn++) {
      await this.read(Infinity);
      while (this.live.length > 0 && !this.#mustReadFirst) await this.hear(0);
    }
  }

  get #mustReadFirst(): boolean {
    return this.#machine.phase === 'must_read';
  }

  async #beginReading(): Promise<void> {
    if (this.#reading || !this.#mustReadFirst) return;
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
    const found = resumes ? this.#applied.get(sequence) : this.broker.read(sequence);
    return Promise.resolve(found);
  }

  #markLoadedIfComplete(): void {
    const { incomplete, freshAt } = this.follower;
    const isFollowing = this.#machine.phase === 'following';
    if (isFollowing && !incomplete && freshAt !== -Infinity) this.denyList.markLoaded();
  }

  #verify(jws: string): Promise<unknown> {
    const key = Number(/^key(\d+)\./.exec(jws)?.[1]);
    const claims = this.authority.signed.get(jws);
    if (claims && !this.keys.has(key))
      return Promise.reject(Object.assign(new Error('unknown key'), { code: 'unknown_key' }));
    return claims ? Promise.resolve(claims) : Promise.reject(new Error('not signed'));
  }
}
