import { LIVE_EVENTS_PATH, type LiveRevocation, type LiveStatus } from '@latchkey/contracts/live';
import { LiveRevocationSchema, LiveStatusSchema } from '@latchkey/contracts/live/schemas';
import { waitFor } from '@latchkey/local-stack';
import { EventSourceParser } from './event-source-parser.js';

/** Reads the live events of one replica, and checks each one. */
export class LiveReader {
  readonly statuses: LiveStatus[] = [];
  readonly revocations: LiveRevocation[] = [];
  readonly #parser = new EventSourceParser();
  readonly #closing = new AbortController();
  readonly #ended: Promise<void>;
  #response: Response | undefined;
  #lastEventId = '';
  #failure: unknown;
  #hasEnded = false;

  private constructor(url: string, lastEventId: string | undefined) {
    this.#ended = this.#read(url, lastEventId).then(
      () => void (this.#hasEnded = true),
      (error: unknown) => {
        this.#hasEnded = true;
        if (!this.#closing.signal.aborted) this.#failure = error;
      },
    );
  }

  /**
   * Opens the stream, and waits for its first status.
   *
   * @param url of the replica
   * @throws if the stream cannot be opened, or sends something else
   */
  static async open(url: string, lastEventId?: string): Promise<LiveReader> {
    const reader = new LiveReader(url, lastEventId);
    await reader.status(() => true);
    return reader;
  }

  /** The headers of the response. */
  get headers(): Headers {
    if (!this.#response) throw new Error('the stream is not open');
    return this.#response.headers;
  }

  /** To continue with, after a reconnection. */
  get lastEventId(): string {
    return this.#lastEventId;
  }

  get retryMilliseconds(): number | undefined {
    return this.#parser.retryMilliseconds;
  }

  /** The newest status. */
  get current(): LiveStatus {
    const current = this.statuses.at(-1);
    if (!current) throw new Error('no status has arrived');
    return current;
  }

  /** Waits for a status that meets a condition, beginning with the newest. */
  status(meets: (status: LiveStatus) => boolean, what = 'a live status'): Promise<LiveStatus> {
    return this.#found(() => this.statuses.slice(-1).find(meets), what);
  }

  /** Waits for the revocation at a position. */
  revocation(position: number): Promise<LiveRevocation> {
    const find = () => this.revocations.find((each) => each.position === position);
    return this.#found(find, `the revocation ${position}`);
  }

  /** Resolves when the service has ended the stream. */
  ended(): Promise<void> {
    return this.#ended;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#ended;
  }

  async #found<Found>(find: () => Found | undefined, what: string): Promise<Found> {
    const found = await waitFor(() => find() ?? (this.#hasEnded && 'ended'), { what });
    if (found === 'ended')
      throw new Error(`the stream ended before ${what}`, { cause: this.#failure });
    return found;
  }

  async #read(url: string, lastEventId: string | undefined): Promise<void> {
    const response = await fetch(url + LIVE_EVENTS_PATH, {
      headers: lastEventId === undefined ? {} : { 'last-event-id': lastEventId },
      signal: this.#closing.signal,
    });
    this.#response = response;
    if (!response.ok || !response.body) {
      await response.body?.cancel(); // or the connection, and so the server, stays open
      throw new Error(`responded with ${response.status}`);
    }
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream()))
      for (const event of this.#parser.push(chunk)) this.#take(event);
  }

  #take({ type, data, lastEventId }: ReturnType<EventSourceParser['push']>[number]): void {
    this.#lastEventId = lastEventId;
    const value: unknown = JSON.parse(data);
    if (type === 'status') this.statuses.push(LiveStatusSchema.parse(value));
    else if (type === 'revocation') this.revocations.push(LiveRevocationSchema.parse(value));
    else throw new Error(`unknown event: ${type}`);
  }
}
