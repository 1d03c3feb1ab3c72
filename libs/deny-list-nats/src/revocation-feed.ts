import {
  LIVE_SUBJECTS,
  REVOCATION_STREAM,
  storedSubject,
  WATERMARK_SUBJECT,
  type Watermark,
} from '@latchkey/contracts';
import type { Msg, NatsConnection, Subscription } from '@nats-io/transport-node';
import { connectForever } from './connect-forever.js';
import { DeferredEvents } from './deferred-events.js';
import type {
  FeedEvent,
  FeedState,
  RevocationFeed,
  RevocationFeedOptions,
} from './feed-options.js';
import { pause } from './pause.js';
import { RevocationStreamReader } from './revocation-stream-reader.js';
import { readSignedEvent, type StreamMessage } from './signed-event-reader.js';

const TICK_MILLISECONDS = 1_000;
/** Watermarks come once a second; this long without one means that something was missed. */
const WATERMARK_OVERDUE_MILLISECONDS = 2_500;
const FIRST_RETRY_MILLISECONDS = 100;
const LAST_RETRY_MILLISECONDS = 1_000;
const MAX_WAITING = 100_000;

/**
 * One worker applies what it reads. A revocation counts at once, in whatever order it comes; what
 * counts as *complete* moves on only in stream order. Whatever breaks that order (a gap, a reconnect,
 * an overdue watermark, another epoch) has the same answer: read on from the stream itself.
 */
class NatsRevocationFeed implements RevocationFeed {
  #connection: NatsConnection | undefined;
  #subscription: Subscription | undefined;
  #reader: RevocationStreamReader | undefined;
  #connected = false;
  #position = 0;
  #epoch: string | undefined;
  #eventsRefused = 0;
  #gapsRepaired = 0;
  #gapOpen = false;
  #live: Msg[] = [];
  readonly #deferred = new DeferredEvents(({ subject }) => this.#refuse('unknown_key', subject));
  #retryDeferred = false;
  #behind = true;
  #watermarkAt = -Infinity;
  #wake: () => void = () => undefined;
  #worker: Promise<void> | undefined;
  #ticker: NodeJS.Timeout | undefined;
  readonly #closing = new AbortController();
  #settleLoaded!: () => void;
  readonly #loaded = new Promise<void>((resolve) => (this.#settleLoaded = resolve));

  constructor(private readonly options: RevocationFeedOptions) {}

  get state(): FeedState {
    return {
      connected: this.#connected,
      loaded: this.options.denyList.loaded,
      position: this.#position,
      epoch: this.#epoch,
      eventsRefused: this.#eventsRefused,
      gapsRepaired: this.#gapsRepaired,
    };
  }

  start(): Promise<void> {
    this.#worker ??= this.#run();
    return this.#loaded;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    clearInterval(this.#ticker);
    this.#wake();
    await this.#connection?.close();
    await this.#worker;
    this.#connected = false;
    this.#settleLoaded();
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    const report = (cause: unknown) => this.#tell({ type: 'trouble', cause });
    this.#connection = await connectForever(this.options, signal, report);
    if (!this.#connection) return;
    this.#watchConnection(this.#connection);
    this.#ticker = setInterval(() => this.#tick(), TICK_MILLISECONDS);
    let retryMilliseconds = FIRST_RETRY_MILLISECONDS;
    while (!signal.aborted) {
      try {
        await this.#work(this.#connection);
        retryMilliseconds = FIRST_RETRY_MILLISECONDS;
      } catch (cause) {
        if (signal.aborted) return;
        this.#behind = true;
        report(cause);
        await pause(retryMilliseconds, signal);
        retryMilliseconds = Math.min(retryMilliseconds * 2, LAST_RETRY_MILLISECONDS);
      }
    }
  }

  async #work(connection: NatsConnection): Promise<void> {
    if (this.#mayCatchUp) await this.#catchUp(connection);
    if (this.#retryDeferred) await this.#tryDeferred();
    const waiting = this.#live;
    this.#live = [];
    for (const message of waiting) await this.#takeLive(message);
    this.#markLoadedWhenReady();
    if (this.#live.length > 0 || this.#mayCatchUp || this.#closing.signal.aborted) return;
    await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  get #mayCatchUp(): boolean {
    return this.#behind && this.#connected;
  }

  /** Reads what is missing, in order, until the end of the stream. */
  async #catchUp(connection: NatsConnection): Promise<void> {
    // Listening begins before reading, so that nothing falls between the two.
    this.#listen(connection);
    this.#reader ??= await RevocationStreamReader.open(connection);
    const { epoch, lastSequence } = await this.#reader.state();
    if (epoch !== this.#epoch || lastSequence < this.#position) this.#beginEpoch(epoch);
    this.#behind = false;
    if (lastSequence > this.#position) {
      for await (const message of this.#reader.from(this.#position + 1)) {
        if (this.#closing.signal.aborted) return;
        await this.#apply(message, { inOrder: true });
        this.#position = message.sequence;
      }
      // What the stream no longer holds was replaced by itself or has expired.
      this.#position = Math.max(this.#position, lastSequence);
    }
    if (this.#gapOpen) this.#gapsRepaired++;
    this.#gapOpen = false;
  }

  #beginEpoch(epoch: string): void {
    if (this.#epoch !== undefined) this.#tell({ type: 'new_epoch', epoch });
    // The deny-list keeps what it knows: another stream never un-denies anybody.
    this.#epoch = epoch;
    this.#position = 0;
  }

  async #takeLive(message: Msg): Promise<void> {
    const sequence = streamSequence(message);
    const subject = storedSubject(message.subject);
    if (sequence === undefined) return this.#refuse('not_from_the_stream', subject);
    const next = this.#position + 1;
    const inOrder = sequence === next;
    const effective = await this.#apply({ subject, data: message.data, sequence }, { inOrder });
    if (sequence > next) this.#noteGap();
    // Headers are not signed: what lies on the stream at this place is for the stream to say.
    else if (!effective) this.#behind = true;
    else if (inOrder) this.#position = sequence;
  }

  #noteGap(): void {
    // Live messages that follow are part of the same gap until it has been read.
    this.#behind = true;
    if (this.#gapOpen) return;
    this.#gapOpen = true;
    this.#tell({ type: 'gap', from: this.#position + 1 });
  }

  /** @returns false when the message has no effect, neither now nor later */
  async #apply(message: StreamMessage, { inOrder }: { inOrder: boolean }): Promise<boolean> {
    const { subject, sequence } = message;
    const outcome = await readSignedEvent(message, this.options.verifyEvent);
    if (outcome.type === 'unavailable') throw outcome.cause;
    // The next watermark is a second away.
    if (outcome.type === 'unknown_key' && subject !== WATERMARK_SUBJECT) {
      this.#deferred.add(message);
      return true;
    }
    this.#deferred.settle(subject);
    if (outcome.type !== 'message') {
      this.#refuse(outcome.type === 'refused' ? outcome.reason : outcome.type, subject);
      return false;
    }
    if (outcome.message.type === 'watermark')
      await this.#applyWatermark(outcome.message.watermark, { sequence, inOrder });
    else {
      const { revocation } = outcome.message;
      this.options.denyList.apply(revocation);
      this.#tell({ type: 'applied', kind: revocation.kind, id: revocation.id, sequence });
    }
    return true;
  }

  /** A watermark is believed as far as it can be: same stream, and all it covers applied here. */
  async #applyWatermark(
    watermark: Watermark,
    { sequence, inOrder }: { sequence: number; inOrder: boolean },
  ): Promise<void> {
    if (!inOrder || watermark.epoch !== this.#epoch || watermark.position >= sequence) {
      this.#behind = true;
      return;
    }
    // The key that it is signed with may be the very one that others were waiting for.
    await this.#tryDeferred();
    if (this.#deferred.blocking) return;
    this.#watermarkAt = performance.now();
    this.options.denyList.applyWatermark(watermark);
  }

  async #tryDeferred(): Promise<void> {
    this.#retryDeferred = false;
    await this.#deferred.retry((message) => this.#apply(message, { inOrder: false }));
  }

  /** A stream without a watermark may not be filled yet: it proves nothing. */
  #markLoadedWhenReady(): void {
    const { denyList } = this.options;
    if (denyList.loaded || this.#watermarkAt === -Infinity) return;
    if (this.#behind || this.#deferred.blocking) return;
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
      this.#noteGap();
    } else this.#live.push(message);
    this.#wake();
  }

  #tick(): void {
    const overdue = performance.now() - this.#watermarkAt > WATERMARK_OVERDUE_MILLISECONDS;
    if (overdue) this.#behind = true;
    this.#retryDeferred = !this.#deferred.empty;
    if (overdue || this.#retryDeferred) this.#wake();
  }

  #watchConnection(connection: NatsConnection): void {
    this.#setConnected(true);
    const watch = async () => {
      for await (const { type } of connection.status()) {
        if (type === 'disconnect') this.#setConnected(false);
        if (type === 'reconnect') this.#setConnected(true);
      }
    };
    watch().catch((cause: unknown) => this.#tell({ type: 'trouble', cause }));
  }

  #setConnected(connected: boolean): void {
    this.#connected = connected;
    if (connected) this.#behind = true;
    else this.#reader?.interrupt();
    this.#tell({ type: connected ? 'connected' : 'disconnected' });
    this.#wake();
  }

  #refuse(reason: string, subject: string): void {
    this.#eventsRefused++;
    this.#tell({ type: 'refused', reason, subject });
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

/** Feeds a deny-list from NATS JetStream. Nothing happens before `start()`. */
export function createRevocationFeed(options: RevocationFeedOptions): RevocationFeed {
  return new NatsRevocationFeed(options);
}
