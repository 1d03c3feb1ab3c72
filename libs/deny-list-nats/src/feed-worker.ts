import { storedSubject } from '@latchkey/contracts';
import { Backoff } from '@latchkey/contracts/backoff';
import type { Msg, NatsConnection } from '@nats-io/transport-node';
import type { CatchUp } from './catch-up.js';
import type { FeedMachine } from './feed-machine.js';
import type { FeedEvent, RevocationFeedOptions } from './feed-options.js';
import { warningEvent } from './feed-warnings.js';
import { streamSequence, type LiveMessages } from './live-messages.js';
import { messageTrace } from './message-trace.js';
import type { StreamFollower } from './stream-follower.js';
import type { Watchdog } from './watchdog.js';

const RETRY_BACKOFF = { firstMilliseconds: 100, maxMilliseconds: 1_000 };

/** What a {@link FeedWorker} works with. */
export interface WorkerParts {
  readonly machine: FeedMachine;
  readonly follower: StreamFollower;
  readonly live: LiveMessages;
  readonly watchdog: Watchdog;
  readonly denyList: RevocationFeedOptions['denyList'];
  readonly signal: AbortSignal;
  readonly emit: (event: FeedEvent) => void;
}

/**
 * Applies everything in one loop, because watermarks count only in the order of the stream: first what
 * is missing, then the live messages.
 */
export class FeedWorker {
  #wake: () => void = () => undefined;
  #mustRetryDeferred = false;
  #settleLoaded!: () => void;
  /** Resolves when the deny-list is loaded, or on {@link close}. */
  readonly loaded = new Promise<void>((resolve) => (this.#settleLoaded = resolve));

  constructor(private readonly parts: WorkerParts) {}

  /** Works until the connection is closed for good, or the signal aborts. */
  async serve(connection: NatsConnection, catchUp: CatchUp): Promise<void> {
    const { machine, signal, emit } = this.parts;
    const backoff = new Backoff(RETRY_BACKOFF);
    while (!signal.aborted && !connection.isClosed()) {
      try {
        await this.#work(catchUp);
        backoff.reset();
      } catch (cause) {
        if (signal.aborted) return;
        machine.handle('missed');
        emit(warningEvent('nats', cause));
        await backoff.wait(signal);
      }
    }
  }

  wake(): void {
    this.#wake();
  }

  /** Makes the next turn retry the events whose key was unknown. */
  retryDeferred(): void {
    this.#mustRetryDeferred = true;
    this.#wake();
  }

  close(): void {
    this.#settleLoaded();
  }

  async #work(catchUp: CatchUp): Promise<void> {
    const { machine, follower, watchdog, live, signal } = this.parts;
    if (this.#mustRead) await catchUp.run();
    await this.#tryDeferred();
    for (const message of live.take()) await this.#takeLive(message);
    if (watchdog.mustRepair(follower.incomplete)) machine.handle('missed');
    this.#markLoadedIfComplete();
    if (!live.isEmpty || this.#mustRead || signal.aborted) return;
    await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  get #mustRead(): boolean {
    return this.parts.machine.phase === 'must_read';
  }

  async #tryDeferred(): Promise<void> {
    if (!this.#mustRetryDeferred) return;
    this.#mustRetryDeferred = false;
    await this.parts.follower.tryDeferred();
  }

  async #takeLive(message: Msg): Promise<void> {
    const { follower } = this.parts;
    const sequence = streamSequence(message);
    const subject = storedSubject(message.subject);
    if (sequence === undefined) return follower.refuse('not_from_the_stream', subject);
    const { data, headers } = message;
    await follower.takeLive({ subject, data, sequence, ...messageTrace(headers) });
  }

  /** A stream without a satisfied watermark may not be filled yet, so it does not load the list. */
  #markLoadedIfComplete(): void {
    const { machine, follower, denyList, emit } = this.parts;
    if (denyList.loaded || follower.incomplete || follower.freshAt === -Infinity) return;
    if (machine.phase !== 'following') return;
    denyList.markLoaded();
    emit({ type: 'loaded' });
    this.#settleLoaded();
  }
}
