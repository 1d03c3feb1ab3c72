import type { LiveStatus } from '@latchkey/contracts/live';
import { randomBytes } from 'node:crypto';
import { EventStream } from './event-stream.js';
import { Pace } from './pace.js';
import { RecentRevocations, type NotedRevocation } from './recent-revocations.js';
import { formatEvent, retryField } from './server-sent-event.js';

const MAX_STREAMS = 32;
const RECONNECT_MILLISECONDS = 1_000;
const STATUS_MILLISECONDS = 1_000;
/** The shortest time between two events of a status, however often something changes. */
const SHORTEST_STATUS_MILLISECONDS = 250;
/** The shortest time between two bursts of revocations. The first one is sent immediately. */
const SHORTEST_REVOCATIONS_MILLISECONDS = 100;

/** A part of the status that one module knows. */
export type StatusPart = Omit<Partial<LiveStatus>, 'service' | 'instance' | 'atMilliseconds'>;

/** What every service knows of itself. */
export interface LiveService {
  readonly name: string;
  /** Whether the service streams events at all. */
  readonly enabled: boolean;
  /** The responses since the start by status. */
  readonly responses: () => Promise<Readonly<Record<string, number>>>;
  /** Called if the status cannot be made. */
  readonly onError: (cause: unknown) => void;
}

/**
 * The live events of a service. Modules describe their part of the status, and note revocations. Nothing runs and no
 * status is made while nobody reads.
 */
export class LiveEvents {
  readonly #instance = randomBytes(6).toString('hex');
  readonly #parts: (() => StatusPart)[] = [];
  readonly #streams = new Set<EventStream>();
  readonly #recent = new RecentRevocations(this.#instance);
  readonly #statusPace = new Pace(SHORTEST_STATUS_MILLISECONDS, () =>
    this.#sendStatus(this.#streams),
  );
  readonly #revocationPace = new Pace(SHORTEST_REVOCATIONS_MILLISECONDS, () => this.#flush());
  #sent = 0;
  #ticker: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(private readonly service: LiveService) {}

  /** Whether the service streams events. If not, there is no need to note any. */
  get enabled(): boolean {
    return this.service.enabled;
  }

  /** Adds a part to the status. It is read for each new reader, and four times a second at most while there are readers. */
  describe(part: () => StatusPart): void {
    this.#parts.push(part);
  }

  /** Sends the status soon, because something in it changed that a reader wants to see. */
  changed(): void {
    if (this.#streams.size > 0) this.#statusPace.request();
  }

  /** Sends a revocation that has just taken effect. Cheap enough for each one of a long deny-list. */
  revoked(revocation: NotedRevocation): void {
    if (!this.enabled) return;
    this.#recent.note(revocation);
    if (this.#streams.size === 0) return;
    this.#revocationPace.request();
    this.#statusPace.request();
  }

  /**
   * Opens a stream for one reader.
   *
   * @param lastEventId the reader's `Last-Event-ID`
   * @returns undefined if there are too many readers, or the service is shutting down
   */
  open(lastEventId?: string): EventStream | undefined {
    if (this.#closed || this.#streams.size >= MAX_STREAMS) return undefined;
    this.#flush(); // or the new reader would get an event twice
    const stream = new EventStream();
    stream.send(retryField(RECONNECT_MILLISECONDS) + this.#recent.missedBy(lastEventId));
    this.#streams.add(stream);
    stream.once('close', () => this.#forget(stream));
    this.#ticker ??= setInterval(() => this.#statusPace.request(), STATUS_MILLISECONDS);
    this.#sendStatus([stream]);
    return stream;
  }

  /** Ends all streams for good. */
  close(): void {
    this.#closed = true;
    for (const stream of this.#streams) stream.end();
  }

  #forget(stream: EventStream): void {
    this.#streams.delete(stream);
    if (this.#streams.size > 0) return;
    clearInterval(this.#ticker);
    this.#ticker = undefined;
    this.#statusPace.stop();
    this.#revocationPace.stop();
  }

  #flush(): void {
    const text = this.#recent.eventsAfter(this.#sent);
    this.#sent = this.#recent.noted;
    if (text !== '') this.#send(text);
  }

  #sendStatus(readers: Iterable<EventStream>): void {
    this.#status().then(
      (data) => this.#send(formatEvent({ type: 'status', data }), readers),
      this.service.onError,
    );
  }

  async #status(): Promise<LiveStatus> {
    const responses = await this.service.responses();
    return {
      service: this.service.name,
      instance: this.#instance,
      atMilliseconds: Date.now(),
      uptimeSeconds: Math.round(process.uptime()),
      responses,
      ...(Object.assign({}, ...this.#parts.map((part) => part())) as StatusPart),
    };
  }

  #send(text: string, readers: Iterable<EventStream> = this.#streams): void {
    for (const stream of readers) stream.send(text);
  }
}
