import { REVOCATION_STREAM } from '@latchkey/contracts';
import { createInbox, type Msg, type NatsConnection } from '@nats-io/transport-node';
import { messageTrace } from './message-trace.js';
import type { StreamMessage } from './signed-event-reader.js';

const GET_SUBJECT = `$JS.API.DIRECT.GET.${REVOCATION_STREAM}`;
/** The server answers each request with one message, so this many requests run at the same time. */
const LANES = 128;
const SEQUENCES_PER_LANE = 16;
/** A request is never answered if the server dies while it is in flight. */
const ANSWER_MILLISECONDS = 2_000;

const NOT_FOUND = 404;
const NO_RESPONDERS = 503;

export interface StoredRange {
  /** In the order of the stream. */
  readonly messages: readonly StreamMessage[];
  /** Where to continue, after a hole of any length; undefined at the end of the stream. */
  readonly next: number | undefined;
}

/** Reads one part of the range, one message after the other. */
interface Lane {
  readonly last: number;
  requested: number;
  readonly messages: StreamMessage[];
}

/**
 * Reads one range of the stream with direct gets. A consumer would be cheaper for a long range, but
 * the permission to create one lets its holder have the server deliver to any subject, indefinitely.
 */
class RangeRead {
  readonly #inbox: string;
  readonly #lanes: Lane[] = [];
  #open = 0;
  #next: number | undefined;
  #settle!: { resolve: (range: StoredRange) => void; reject: (cause: Error) => void };

  constructor(
    private readonly connection: NatsConnection,
    inboxPrefix: string,
  ) {
    this.#inbox = createInbox(inboxPrefix);
  }

  async run(from: number, last: number, signal: AbortSignal): Promise<StoredRange> {
    const range = new Promise<StoredRange>((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    range.catch(() => undefined); // it can reject before it is awaited
    const subscription = this.connection.subscribe(`${this.#inbox}.*`, {
      callback: (error, message) => {
        silence.refresh();
        if (error) this.#settle.reject(error);
        else this.#take(message);
      },
    });
    const fail = (message: string) => this.#settle.reject(new Error(message));
    const interrupt = () => fail('the connection to NATS was lost during a replay');
    const silence = setTimeout(() => {
      fail(`the stream does not answer; check that this user may publish to ${GET_SUBJECT}`);
    }, ANSWER_MILLISECONDS);
    void subscription.closed.then(interrupt);
    signal.addEventListener('abort', interrupt);
    if (signal.aborted) interrupt();
    try {
      this.#openLanes(from, last);
      return await range;
    } finally {
      clearTimeout(silence);
      signal.removeEventListener('abort', interrupt);
      subscription.unsubscribe();
    }
  }

  #openLanes(from: number, last: number): void {
    for (let first = from; first <= last; first += SEQUENCES_PER_LANE) {
      const end = Math.min(last, first + SEQUENCES_PER_LANE - 1);
      const lane = { last: end, requested: 0, messages: [] };
      this.#open = this.#lanes.push(lane);
      this.#request(lane, this.#open - 1, first);
    }
  }

  #request(lane: Lane, index: number, sequence: number): void {
    lane.requested = sequence;
    const request = JSON.stringify({ seq: sequence, next_by_subj: '>' });
    this.connection.publish(GET_SUBJECT, request, { reply: `${this.#inbox}.${index}` });
  }

  #take(message: Msg): void {
    const index = Number(message.subject.slice(this.#inbox.length + 1));
    const lane = this.#lanes[index];
    if (!lane) return;
    try {
      const found = readAnswer(message, lane.requested);
      if (found && found.sequence <= lane.last) {
        lane.messages.push(found);
        if (found.sequence < lane.last) return this.#request(lane, index, found.sequence + 1);
      }
      this.#end(index, found && Math.max(found.sequence, lane.last + 1));
    } catch (cause) {
      this.#settle.reject(cause as Error);
    }
  }

  /** @param next where to continue after this lane; that of the last lane counts for the range */
  #end(index: number, next: number | undefined): void {
    if (index === this.#lanes.length - 1) this.#next = next;
    if (--this.#open > 0) return;
    const messages = this.#lanes.flatMap((lane) => lane.messages);
    this.#settle.resolve({ messages, next: this.#next });
  }
}

/** @returns undefined at the end of the stream */
function readAnswer({ headers, data }: Msg, requested: number): StreamMessage | undefined {
  if (!headers || headers.code === NO_RESPONDERS)
    throw new Error('the stream is missing or was created without allow_direct');
  if (headers.code === NOT_FOUND) return undefined;
  const sequence = Number(headers.get('Nats-Sequence'));
  if (headers.code !== 0 || !Number.isSafeInteger(sequence) || sequence < requested)
    throw new Error(`NATS refused to read the stream: ${headers.code} ${headers.description}`);
  return { subject: headers.get('Nats-Subject'), data, sequence, ...messageTrace(headers) };
}

/**
 * Reads the messages between two sequences, both included; of a long range only the beginning.
 *
 * @throws if the connection is lost, the signal aborts, or the stream does not answer
 */
export function readStoredRange(
  connection: NatsConnection,
  inboxPrefix: string,
  { from, last, signal }: { from: number; last: number; signal: AbortSignal },
): Promise<StoredRange> {
  const end = Math.min(last, from + LANES * SEQUENCES_PER_LANE - 1);
  return new RangeRead(connection, inboxPrefix).run(from, end, signal);
}
