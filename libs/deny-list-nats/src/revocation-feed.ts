import { natsClientOptions, storedSubject } from '@latchkey/contracts';
import { isolated } from '@latchkey/contracts/options';
import type { ConnectionOptions, Msg, NatsConnection } from '@nats-io/transport-node';
import { CatchUp } from './catch-up.js';
import { ClockWatch } from './clock-watch.js';
import { FeedConnection } from './feed-connection.js';
import { FeedMachine } from './feed-machine.js';
import type {
  FeedEvent,
  FeedState,
  RevocationFeed,
  RevocationFeedOptions,
} from './feed-options.js';
import { checkFeedOptions } from './check-feed-options.js';
import { FeedWarnings, warningEvent } from './feed-warnings.js';
import { FeedWorker } from './feed-worker.js';
import { LiveMessages } from './live-messages.js';
import { SnapshotLoader } from './snapshot-loader.js';
import { StreamFollower } from './stream-follower.js';
import { VerifierReports } from './verifier-reports.js';
import { Watchdog } from './watchdog.js';

const TICK_MILLISECONDS = 1_000;

/**
 * Connects the parts of a feed, and handles what happens to it: one `#on…` function for each event.
 * {@link FeedMachine} holds the phase, and {@link FeedWorker} applies revocations. Whatever breaks
 * the order of live messages leads to the same phase: `must_read`, from which the stream is read.
 */
class NatsRevocationFeed implements RevocationFeed {
  readonly #server: ConnectionOptions;
  readonly #closing = new AbortController();
  readonly #machine = new FeedMachine();
  readonly #watchdog = new Watchdog();
  readonly #follower: StreamFollower;
  readonly #connection: FeedConnection;
  readonly #live: LiveMessages;
  readonly #snapshots: SnapshotLoader;
  readonly #worker: FeedWorker;
  readonly #reports: VerifierReports;
  readonly #clock: ClockWatch;
  readonly #emit: (event: FeedEvent) => void;
  #catchUp: CatchUp | undefined;
  #running: Promise<void> | undefined;
  #ticker: NodeJS.Timeout | undefined;

  constructor(private readonly options: RevocationFeedOptions) {
    const { denyList, name, user } = options;
    const { signal } = this.#closing;
    const machine = this.#machine;
    const watchdog = this.#watchdog;
    const emit = isolated('onEvent', options.onEvent ?? new FeedWarnings().note);
    this.#emit = emit;
    const onError = (cause: unknown) => emit(warningEvent('nats', cause));
    this.#server = { ...natsClientOptions(options), ...(name && { name }) };
    const follower = (this.#follower = new StreamFollower(options, machine, emit));
    this.#connection = new FeedConnection(this.#server, signal, {
      onConnected: () => this.#onConnected(),
      onDisconnected: () => this.#onDisconnected(),
      onError,
    });
    const live = (this.#live = new LiveMessages({
      onMessage: (message) => this.#onLiveMessage(message),
      onOverflow: () => this.#onOverflow(),
      onError,
    }));
    const onActivity = () => watchdog.noteActivity();
    this.#snapshots = new SnapshotLoader(options, { follower, signal, onActivity, emit });
    const parts = { machine, follower, live, watchdog, denyList, signal, emit };
    this.#worker = new FeedWorker(parts);
    this.#reports = new VerifierReports(denyList, user, () => follower.issuer);
    this.#clock = new ClockWatch(denyList, (clock) => emit({ type: 'clock', ...clock }));
  }

  get state(): FeedState {
    const { sequence, epoch, counts } = this.#follower;
    const { loaded } = this.options.denyList;
    const { phase, isConnected: connected } = this.#machine;
    return { phase, connected, loaded, sequence, epoch, ...counts };
  }

  start(): Promise<void> {
    this.#running ??= this.#run();
    return this.#worker.loaded;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#machine.handle('closed');
    this.#worker.wake();
    await this.#reports.end();
    await this.#connection.close();
    await this.#running;
    // Only now, because `#run` may have been about to start it.
    clearInterval(this.#ticker);
    this.#worker.close();
  }

  async #run(): Promise<void> {
    while (!this.#closing.signal.aborted) {
      const connection = await this.#connection.open();
      if (!connection) return;
      this.#ticker ??= setInterval(() => this.#onTick(), TICK_MILLISECONDS);
      this.#catchUp = this.#catchUpOver(connection);
      await this.#worker.serve(connection, this.#catchUp);
    }
  }

  #catchUpOver(connection: NatsConnection): CatchUp {
    return new CatchUp(connection, this.#server.inboxPrefix ?? '_INBOX', {
      follower: this.#follower,
      snapshots: this.#snapshots,
      live: this.#live,
      reports: this.#reports,
      signal: this.#closing.signal,
      onActivity: () => this.#watchdog.noteActivity(),
    });
  }

  #onConnected(): void {
    this.#machine.handle('connected');
    this.#onConnectionChange();
    this.#emit({ type: 'connected' });
  }

  #onDisconnected(): void {
    this.#machine.handle('disconnected');
    this.#catchUp?.interrupt();
    this.#onConnectionChange();
    this.#emit({ type: 'disconnected' });
  }

  /** Drops waiting messages: if the stream still holds them, they are read again from there. */
  #onConnectionChange(): void {
    this.#live.clear();
    this.#watchdog.noteActivity();
    this.#worker.wake();
  }

  #onLiveMessage(message: Msg): void {
    if (this.#machine.phase !== 'following') void this.#denyEarly(message);
    this.#worker.wake();
  }

  #onOverflow(): void {
    this.#follower.noteGap();
    this.#worker.wake();
  }

  #onTick(): void {
    const { freshAt, issuer, hasDeferred } = this.#follower;
    const { isDownloading } = this.#snapshots;
    const { isOverdue, mustRead, mustRenew } = this.#watchdog.check(freshAt, isDownloading);
    if (mustRead) this.#machine.handle('missed');
    if (mustRenew) this.#renew();
    this.#clock.check(issuer);
    if (hasDeferred) this.#worker.retryDeferred();
    if (isOverdue) this.#worker.wake();
  }

  /** Replaces a silent connection: a half-open socket cannot be told from an idle one (ADR 0025). */
  #renew(): void {
    this.#emit({ type: 'renewing' });
    void this.#connection.close();
  }

  /** Applies a log-out without waiting for the read. The worker takes it again, and then it counts. */
  async #denyEarly({ subject, data }: Msg): Promise<void> {
    try {
      await this.#follower.deny({ subject: storedSubject(subject), data });
    } catch (cause) {
      this.#emit(warningEvent('keys', cause));
    }
  }
}

/**
 * Creates a feed that fills a deny-list from NATS JetStream. It does nothing before `start()`.
 *
 * @throws TypeError that names the option which is missing or invalid, or that contradicts another
 */
export function createRevocationFeed(options: RevocationFeedOptions): RevocationFeed {
  checkFeedOptions(options);
  return new NatsRevocationFeed(options);
}
