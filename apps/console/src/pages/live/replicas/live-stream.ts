import { LIVE_EVENTS_PATH, type LiveRevocation, type LiveStatus } from '@latchkey/contracts/live';
import { retryDelay } from '../../../time/retry-delay.js';
import type { Connection } from './replica.js';

/** A status comes every second, so that a stream without one for this long is dead. */
const SILENCE_MILLISECONDS = 3_000;
/** A service without live events may be started again with them. */
const OFF_MILLISECONDS = 15_000;

/** What happens on a stream. Times are those of `performance.now()`. */
export interface StreamListener {
  readonly onStatus: (status: LiveStatus, at: number) => void;
  readonly onRevocation: (revocation: LiveRevocation, at: number) => void;
  readonly onConnection: (connection: Connection) => void;
}

/**
 * The live events of one replica. It connects again by itself, with back-off: the browser's own reconnection has none,
 * gives up after an HTTP error, and does not notice a connection that has fallen silent.
 */
export class LiveStream {
  #source: EventSource | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  #closed = false;

  /** Connects. @param url of the replica, without a slash at the end */
  constructor(
    private readonly url: string,
    private readonly listener: StreamListener,
  ) {
    this.#open();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#source?.close();
  }

  #open(): void {
    const source = new EventSource(this.url + LIVE_EVENTS_PATH);
    this.#source = source;
    source.addEventListener('status', ({ data }: MessageEvent<string>) => {
      const at = performance.now();
      this.#failures = 0;
      this.#await(SILENCE_MILLISECONDS, () => this.#lose());
      this.listener.onConnection('live');
      this.listener.onStatus(JSON.parse(data) as LiveStatus, at);
    });
    source.addEventListener('revocation', ({ data }: MessageEvent<string>) =>
      this.listener.onRevocation(JSON.parse(data) as LiveRevocation, performance.now()),
    );
    source.addEventListener('error', () => this.#lose());
    this.#await(SILENCE_MILLISECONDS, () => this.#lose());
  }

  #lose(): void {
    // The browser gives up only if something answered that is not a stream, or is not for this page.
    const wasAnswered = this.#source?.readyState === EventSource.CLOSED;
    this.#source?.close();
    this.listener.onConnection('lost');
    this.#await(retryDelay(this.#failures++), () => this.#open());
    if (wasAnswered) this.#askWhy().catch(reportError);
  }

  /** An `EventSource` does not tell the status. */
  async #askWhy(): Promise<void> {
    const status = await statusOf(this.url + LIVE_EVENTS_PATH);
    if (status !== 404 || this.#closed) return;
    this.listener.onConnection('off');
    this.#await(OFF_MILLISECONDS, () => this.#open());
  }

  #await(milliseconds: number, next: () => void): void {
    clearTimeout(this.#timer);
    if (!this.#closed) this.#timer = setTimeout(next, milliseconds);
  }
}

async function statusOf(url: string): Promise<number> {
  try {
    const response = await fetch(url, { credentials: 'omit', cache: 'no-store' });
    await response.body?.cancel();
    return response.status;
  } catch {
    return 0;
  }
}
