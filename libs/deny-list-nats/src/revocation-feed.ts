import {
  LIVE_SUBJECTS,
  REVOCATION_STREAM,
  storedSubject,
  type Watermark,
} from '@latchkey/contracts';
import type { Msg, NatsConnection } from '@nats-io/transport-node';
import { connectForever } from './connect-forever.js';
import { DeferredEvents } from './deferred-events.js';
import type {
  FeedEvent,
  FeedState,
  RevocationFeed,
  RevocationFeedOptions,
} from './feed-options.js';
import { RevocationStreamReader } from './revocation-stream-reader.js';
import { readSignedEvent, type StreamMessage } from './signed-event-reader.js';

const TICK_MILLISECONDS = 1_000;
/** Watermarks come once a second; this long without one means that something was missed. */
const WATERMARK_OVERDUE_MILLISECONDS = 2_500;
const RETRY_MILLISECONDS = 250;
const MAX_WAITING = 100_000;

/**
 * One worker takes messages strictly in stream order. Whatever is out of order (a gap, a reconnect,
 * an overdue watermark, another epoch) has the same answer: read on from the stream itself.
 */
class NatsRevocationFeed implements RevocationFeed {
  #connection: NatsConnection | undefined;
  #reader: RevocationStreamReader | undefined;
  #connected = false;
  #position = 0;
  #epoch: string | undefined;
  #eventsRefused = 0;
  #gapsRepaired = 0;
  #live: Msg[] = [];
  readonly #deferred = new DeferredEvents();
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
    this.#settleLoaded();
  }

  async #run(): Promise<void> {
    const report = (cause: unknown) => this.#tell({ type: 'trouble', cause });
    this.#connection = await connectForever(this.options, this.#closing.signal, report);
    if (!this.#connection) return;
    this.#watchConnection(this.#connection);
    // Listening begins before the replay, so that nothing falls between the two.
    this.#connection.subscribe(LIVE_SUBJECTS, { callback: (_, message) => this.#receive(message) });
    this.#ticker = setInterval(() => this.#tick(), TICK_MILLISECONDS);
    while (!this.#closing.signal.aborted) {
      await this.#work().catch(async (cause: unknown) => {
        if (this.#closing.signal.aborted) return;
        this.#behind = true;
        this.#tell({ type: 'trouble', cause });
        await this.#pause(RETRY_MILLISECONDS);
      });
    }
  }

  async #work(): Promise<void> {
    if (this.#behind && this.#connected) await this.#catchUp();
    await this.#deferred.retry(
      (message) => this.#apply(message, { mayDefer: false }),
      (message) => this.#refuse('unknown_key', message.subject),
    );
    const waiting = this.#live;
    this.#live = [];
    for (const message of waiting) await this.#takeLive(message);
    this.#markLoadedWhenReady();
    if (this.#live.length > 0 || (this.#behind && this.#connected)) return;
    await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  /** Reads what is missing, in order, until the end of the stream. */
  async #catchUp(): Promise<void> {
    this.#reader ??= await RevocationStreamReader.open(this.#connection!);
    const { epoch, lastSequence } = await this.#reader.state();
    if (epoch !== this.#epoch || lastSequence < this.#position) this.#beginEpoch(epoch);
    this.#behind = false;
    if (lastSequence <= this.#position) return;
    for await (const message of this.#reader.from(this.#position + 1)) {
      await this.#take(message);
      if (this.#closing.signal.aborted) return;
    }
    // What the stream no longer holds was replaced by itself or has expired.
    this.#position = Math.max(this.#position, lastSequence);
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
    if (sequence <= this.#position) return;
    if (sequence > this.#position + 1) return this.#noteGap();
    await this.#take({ subject, data: message.data, sequence });
  }

  #noteGap(): void {
    // Live messages that follow are part of the same gap until it has been read.
    if (this.#behind) return;
    this.#behind = true;
    this.#gapsRepaired++;
    this.#tell({ type: 'gap', from: this.#position + 1 });
  }

  async #take(message: StreamMessage): Promise<void> {
    await this.#apply(message, { mayDefer: true });
    this.#position = message.sequence;
  }

  /** @returns whether it is done with, one way or the other */
  async #apply(message: StreamMessage, { mayDefer }: { mayDefer: boolean }): Promise<boolean> {
    const outcome = await readSignedEvent(message, this.options.verifyEvent);
    if (outcome.type === 'refused') this.#refuse(outcome.reason, message.subject);
    if (outcome.type === 'later') {
      if (outcome.blocking) throw outcome.cause;
      if (mayDefer && !this.#deferred.add(message)) this.#refuse('unknown_key', message.subject);
      return false;
    }
    if (outcome.type !== 'message') return true;
    if (outcome.message.type === 'watermark') {
      this.#applyWatermark(outcome.message.watermark, message.sequence);
    } else {
      const { revocation } = outcome.message;
      this.options.denyList.apply(revocation);
      const { kind, id } = revocation;
      this.#tell({ type: 'applied', kind, id, sequence: message.sequence });
    }
    return true;
  }

  /** A watermark is believed as far as it can be: same stream, and all it covers applied here. */
  #applyWatermark(watermark: Watermark, sequence: number): void {
    const covered = watermark.epoch === this.#epoch && watermark.position < sequence;
    if (!covered) {
      this.#behind = true;
      return;
    }
    if (!this.#deferred.empty) return;
    this.#watermarkAt = performance.now();
    this.options.denyList.applyWatermark(watermark);
  }

  /** A stream without a watermark may not be filled yet: it proves nothing. */
  #markLoadedWhenReady(): void {
    const { denyList } = this.options;
    if (denyList.loaded || this.#watermarkAt === -Infinity) return;
    if (this.#behind || !this.#deferred.empty) return;
    denyList.markLoaded();
    this.#tell({ type: 'loaded' });
    this.#settleLoaded();
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
    if (overdue || !this.#deferred.empty) this.#wake();
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

  #pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      setTimeout(resolve, milliseconds);
      this.#closing.signal.addEventListener('abort', () => resolve(), { once: true });
    });
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
