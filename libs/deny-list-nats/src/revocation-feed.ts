import {
  LIVE_SUBJECTS,
  natsClientOptions,
  REVOCATION_STREAM,
  storedSubject,
  type SnapshotClaims,
} from '@latchkey/contracts';
import type { ClockComparison } from '@latchkey/deny-list';
import type { ConnectionOptions, Msg, NatsConnection, Subscription } from '@nats-io/transport-node';
import { connectForever } from './feed-connection.js';
import type {
  FeedEvent,
  FeedState,
  RevocationFeed,
  RevocationFeedOptions,
} from './feed-options.js';
import { FeedTroubles } from './feed-troubles.js';
import { LookAgain } from './back-off.js';
import { pause } from './pause.js';
import { RevocationStreamReader } from './revocation-stream-reader.js';
import { downloadSnapshot, sizeOf } from './snapshot-download.js';
import { StreamFollower } from './stream-follower.js';
import { VerifierReports } from './verifier-reports.js';

const TICK_MILLISECONDS = 1_000;
/** Watermarks come once a second; this long without one means that something was missed. */
const WATERMARK_OVERDUE_MILLISECONDS = 2_500;
/** The stream itself is looked at, or a snapshot asked for, as far as the connection lets it. */
const LOOK_AGAIN_MILLISECONDS = { first: 1_000, last: 15_000 };
/** A connection over which nothing comes is no connection, whatever its client library says. */
const DEAF_MILLISECONDS = 5_000;
const RENEW_MILLISECONDS = { first: 5_000, last: 60_000 };
const FIRST_RETRY_MILLISECONDS = 100;
const LAST_RETRY_MILLISECONDS = 1_000;
/** Reading fewer is as fast as asking the auth service, which has other things to do. */
const MESSAGES_WORTH_A_SNAPSHOT = 5_000;
const MAX_WAITING = 100_000;

/**
 * One worker applies what comes live. Whatever breaks its order (a gap, a reconnect, an overdue
 * watermark, another epoch) has the same answer: read on from the stream itself.
 */
class NatsRevocationFeed implements RevocationFeed {
  readonly #server: ConnectionOptions;
  #connection: NatsConnection | undefined;
  #subscription: Subscription | undefined;
  #reader: RevocationStreamReader | undefined;
  #connected = false;
  #live: Msg[] = [];
  #retryDeferred = false;
  #wake: () => void = () => undefined;
  #worker: Promise<void> | undefined;
  #ticker: NodeJS.Timeout | undefined;
  readonly #follower: StreamFollower;
  readonly #reports: VerifierReports;
  /** While nothing comes. */
  readonly #lookAgain = new LookAgain(LOOK_AGAIN_MILLISECONDS.first, LOOK_AGAIN_MILLISECONDS.last);
  /** While it is known that something is missing: a reason of its own, that an outage must not slow down. */
  readonly #repair = new LookAgain(LOOK_AGAIN_MILLISECONDS.first, LOOK_AGAIN_MILLISECONDS.last);
  readonly #renewal = new LookAgain(RENEW_MILLISECONDS.first, RENEW_MILLISECONDS.last);
  /** When something last came, or could begin to come, by `performance.now()`. */
  #movedAt = -Infinity;
  #downloading = false;
  #catchingUp = false;
  #clock: Pick<ClockComparison, 'ahead' | 'behind'> = { ahead: false, behind: false };
  readonly #closing = new AbortController();
  #settleLoaded!: () => void;
  readonly #loaded = new Promise<void>((resolve) => (this.#settleLoaded = resolve));

  constructor(private readonly options: RevocationFeedOptions) {
    this.#server = { ...natsClientOptions(options), ...(options.name && { name: options.name }) };
    this.#follower = new StreamFollower(options, (event) => this.#tell(event));
    const issuer = () => this.#follower.issuer;
    this.#reports = new VerifierReports(options.denyList, options.user, issuer);
  }

  get state(): FeedState {
    const { position, epoch, counts } = this.#follower;
    const { loaded } = this.options.denyList;
    return { connected: this.#connected, loaded, position, epoch, ...counts };
  }

  start(): Promise<void> {
    this.#worker ??= this.#run();
    return this.#loaded;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#wake();
    await this.#reports.end();
    await this.#connection?.close();
    await this.#worker;
    // Not before: the worker may have been about to begin.
    clearInterval(this.#ticker);
    this.#connected = false;
    this.#settleLoaded();
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    const report = (cause: unknown) => this.#tell({ type: 'trouble', cause });
    while (!signal.aborted) {
      const connection = await connectForever(this.#server, signal, report);
      if (!connection) return;
      this.#adopt(connection);
      await this.#serve(connection, report);
    }
  }

  #adopt(connection: NatsConnection): void {
    this.#connection = connection;
    this.#subscription = undefined;
    this.#reader = undefined;
    this.#watchConnection(connection);
    this.#ticker ??= setInterval(() => this.#tick(), TICK_MILLISECONDS);
  }

  /** Until the connection has ended for good. */
  async #serve(connection: NatsConnection, report: (cause: unknown) => void): Promise<void> {
    const { signal } = this.#closing;
    let retryMilliseconds = FIRST_RETRY_MILLISECONDS;
    while (!signal.aborted && !connection.isClosed()) {
      try {
        await this.#work(connection);
        retryMilliseconds = FIRST_RETRY_MILLISECONDS;
      } catch (cause) {
        if (signal.aborted) return;
        this.#follower.behind = true;
        report(cause);
        await pause(retryMilliseconds, signal);
        retryMilliseconds = Math.min(retryMilliseconds * 2, LAST_RETRY_MILLISECONDS);
      }
    }
  }

  async #work(connection: NatsConnection): Promise<void> {
    if (this.#mayCatchUp) {
      this.#catchingUp = true;
      await this.#catchUp(connection).finally(() => (this.#catchingUp = false));
    }
    if (this.#retryDeferred) await this.#tryDeferred();
    const waiting = this.#live;
    this.#live = [];
    for (const message of waiting) await this.#takeLive(message);
    this.#judge();
    if (this.#live.length > 0 || this.#mayCatchUp || this.#closing.signal.aborted) return;
    await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  get #mayCatchUp(): boolean {
    return this.#follower.behind && this.#connected;
  }

  /** Reads what is missing, in order, until the end of the stream. */
  async #catchUp(connection: NatsConnection): Promise<void> {
    // Listening begins before reading, so that nothing falls between the two.
    this.#listen(connection);
    this.#reports.begin(connection);
    const reader = (this.#reader ??= await RevocationStreamReader.open(
      connection,
      this.#server.inboxPrefix ?? '_INBOX',
    ));
    let state = await reader.state();
    const snapshot = await this.#trySnapshot(state);
    // What the snapshot's position means is judged by the stream as it is after it.
    if (snapshot) state = await reader.state();
    const from = snapshot
      ? this.#follower.resumeFromSnapshot(snapshot, state)
      : await this.#follower.resume(state, (sequence) => reader.at(sequence));
    if (state.lastSequence >= from) {
      for await (const message of reader.from(from, state)) {
        if (this.#closing.signal.aborted) return;
        await this.#follower.takeStored(message);
        this.#movedAt = performance.now();
      }
    }
    this.#follower.reachedEnd(state);
  }

  /** Whatever is wrong with it, the stream is still there. */
  async #trySnapshot({ messages }: { messages: number }): Promise<SnapshotClaims | undefined> {
    const { snapshot: source, verifySnapshot: verify, denyList } = this.options;
    const isLargeStart = !denyList.loaded && messages > MESSAGES_WORTH_A_SNAPSHOT;
    if (!source || !verify || !(isLargeStart || this.#follower.incomplete)) return undefined;
    const { signal } = this.#closing;
    const { issuer } = this.#follower;
    const started = performance.now();
    this.#downloading = true;
    try {
      const target = { denyList, verify, issuer, signal };
      const claims = await downloadSnapshot(source, target);
      const milliseconds = performance.now() - started;
      this.#tell({ type: 'snapshot', entries: sizeOf(claims), milliseconds });
      return claims;
    } catch (cause) {
      if (!signal.aborted) this.#tell({ type: 'trouble', cause });
      return undefined;
    } finally {
      this.#downloading = false;
      this.#movedAt = performance.now();
    }
  }

  async #takeLive(message: Msg): Promise<void> {
    const sequence = streamSequence(message);
    const subject = storedSubject(message.subject);
    if (sequence === undefined) this.#follower.refuse('not_from_the_stream', subject);
    else await this.#follower.takeLive({ subject, data: message.data, sequence });
  }

  async #tryDeferred(): Promise<void> {
    this.#retryDeferred = false;
    await this.#follower.tryDeferred();
  }

  /** A stream without a watermark that is satisfied may not be filled yet: it proves nothing. */
  #judge(): void {
    const { denyList } = this.options;
    const { behind, incomplete, freshAt } = this.#follower;
    if (incomplete) {
      if (this.#repair.due(performance.now())) this.#follower.behind = true;
      return;
    }
    this.#repair.reset();
    if (denyList.loaded || behind || freshAt === -Infinity) return;
    denyList.markLoaded();
    this.#tell({ type: 'loaded' });
    this.#settleLoaded();
  }

  #listen(connection: NatsConnection): void {
    // NATS ends a subscription that the user may not have (yet).
    if (this.#subscription && !this.#subscription.isClosed()) return;
    this.#subscription = connection.subscribe(LIVE_SUBJECTS, {
      callback: (cause, message) => {
        if (cause) this.#tell({ type: 'trouble', cause });
        else this.#receive(message);
      },
    });
  }

  #receive(message: Msg): void {
    // Too far behind to keep up by memory: the stream has it all.
    if (this.#live.length >= MAX_WAITING) {
      this.#live = [];
      this.#follower.noteGap();
    } else {
      this.#live.push(message);
      if (this.#catchingUp) void this.#denyEarly(message);
    }
    this.#wake();
  }

  /** A log-out does not wait until everything else was read. It is taken again then, and counts. */
  async #denyEarly({ subject, data }: Msg): Promise<void> {
    try {
      await this.#follower.deny({ subject: storedSubject(subject), data });
    } catch (cause) {
      this.#tell({ type: 'trouble', cause });
    }
  }

  #tick(): void {
    const now = performance.now();
    const overdue = now - this.#follower.freshAt > WATERMARK_OVERDUE_MILLISECONDS;
    if (!overdue) this.#lookAgain.reset();
    else if (this.#lookAgain.due(now)) this.#follower.behind = true;
    this.#renewIfDeaf(now);
    this.#watchClock();
    this.#retryDeferred = this.#follower.hasDeferred;
    if (overdue || this.#retryDeferred) this.#wake();
  }

  /** What is wrong with a connection that seems whole is not asked: a new one takes its place. */
  #renewIfDeaf(now: number): void {
    if (now - this.#follower.freshAt < DEAF_MILLISECONDS) this.#renewal.reset();
    else if (now - this.#movedAt > DEAF_MILLISECONDS && !this.#downloading) {
      if (!this.#renewal.due(now)) return;
      this.#tell({ type: 'renewing' });
      void this.#connection?.close();
    }
  }

  #watchClock(): void {
    const { issuer } = this.#follower;
    const clock = issuer === undefined ? undefined : this.options.denyList.clock(issuer);
    const { ahead, behind } = this.#clock;
    if (!clock || (clock.ahead === ahead && clock.behind === behind)) return;
    this.#clock = clock;
    this.#tell({ type: 'clock', ...clock });
  }

  #watchConnection(connection: NatsConnection): void {
    this.#setConnected(true);
    const watch = async () => {
      for await (const { type } of connection.status()) {
        if (type === 'disconnect') this.#setConnected(false);
        if (type === 'reconnect') this.#setConnected(true);
      }
      await connection.closed();
      if (!this.#closing.signal.aborted) this.#setConnected(false);
    };
    watch().catch((cause: unknown) => this.#tell({ type: 'trouble', cause }));
  }

  #setConnected(connected: boolean): void {
    this.#connected = connected;
    // These may come from a stream that is put back meanwhile. Those that are still on it are read again.
    this.#live = [];
    this.#movedAt = performance.now();
    if (connected) this.#follower.behind = true;
    else this.#reader?.interrupt();
    this.#tell({ type: connected ? 'connected' : 'disconnected' });
    this.#wake();
  }

  #tell(event: FeedEvent): void {
    this.options.onEvent?.(event);
  }
}

function streamSequence(message: Msg): number | undefined {
  if (message.headers?.get('Nats-Stream') !== REVOCATION_STREAM) return undefined;
  const sequence = Number(message.headers.get('Nats-Sequence'));
  return Number.isSafeInteger(sequence) && sequence > 0 ? sequence : undefined;
}

/**
 * Feeds a deny-list from NATS JetStream. Nothing happens before `start()`.
 *
 * @throws TypeError for a `snapshot` that nobody could verify, and for servers or credentials that
 * contradict each other
 */
export function createRevocationFeed(options: RevocationFeedOptions): RevocationFeed {
  if (options.snapshot && !options.verifySnapshot)
    throw new TypeError('snapshot goes together with verifySnapshot');
  return new NatsRevocationFeed({ onEvent: new FeedTroubles().note, ...options });
}
