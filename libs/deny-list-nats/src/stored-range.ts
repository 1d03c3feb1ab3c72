import { REVOCATION_STREAM } from '@latchkey/contracts';
import { createInbox, type Msg, type NatsConnection } from '@nats-io/transport-node';
import type { StreamMessage } from './signed-event-reader.js';

const GET_SUBJECT = `$JS.API.DIRECT.GET.${REVOCATION_STREAM}`;
/** The server answers one message to a request: this many are asked for at the same time. */
const LANES = 128;
const SEQUENCES_PER_LANE = 16;
/** A request that was in flight when the server died is never answered. */
const ANSWER_MILLISECONDS = 2_000;

const NOT_FOUND = 404;
const NOBODY_ANSWERS = 503;

export interface StoredRange {
  /** In the order of the stream. */
  readonly messages: readonly StreamMessage[];
  /** Where to read on, past a hole of any length; undefined at the end of the stream. */
  readonly next: number | undefined;
}

/** Asks for the messages of its own part of the range, one after the other. */
interface Lane {
  readonly last: number;
  asked: number;
  readonly messages: StreamMessage[];
}

/**
 * Reads one range of the stream by direct gets. A consumer would cost the server less for a long
 * range, but the right to create one is the right to have the server deliver to any subject, for ever.
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
    range.catch(() => undefined); // the first request can fail before anybody waits for the answer
    const subscription = this.connection.subscribe(`${this.#inbox}.*`, {
      callback: (error, message) => {
        silence.refresh();
        if (error) this.#settle.reject(error);
        else this.#take(message);
      },
    });
    const fail = (message: string) => this.#settle.reject(new Error(message));
    const interrupt = () => fail('the connection broke in the middle of a replay');
    const silence = setTimeout(() => {
      fail(`the stream did not answer; may this user publish to ${GET_SUBJECT}?`);
    }, ANSWER_MILLISECONDS);
    void subscription.closed.then(interrupt);
    signal.addEventListener('abort', interrupt);
    if (signal.aborted) interrupt();
    try {
      this.#begin(from, last);
      return await range;
    } finally {
      clearTimeout(silence);
      signal.removeEventListener('abort', interrupt);
      subscription.unsubscribe();
    }
  }

  #begin(from: number, last: number): void {
    for (let first = from; first <= last; first += SEQUENCES_PER_LANE) {
      const lane = { last: Math.min(last, first + SEQUENCES_PER_LANE - 1), asked: 0, messages: [] };
      this.#open = this.#lanes.push(lane);
      this.#ask(lane, this.#open - 1, first);
    }
  }

  #ask(lane: Lane, index: number, sequence: number): void {
    lane.asked = sequence;
    const request = JSON.stringify({ seq: sequence, next_by_subj: '>' });
    this.connection.publish(GET_SUBJECT, request, { reply: `${this.#inbox}.${index}` });
  }

  #take(message: Msg): void {
    const index = Number(message.subject.slice(this.#inbox.length + 1));
    const lane = this.#lanes[index];
    if (!lane) return;
    try {
      const found = readAnswer(message, lane.asked);
      if (found && found.sequence <= lane.last) {
        lane.messages.push(found);
        if (found.sequence < lane.last) return this.#ask(lane, index, found.sequence + 1);
      }
      this.#end(index, found && Math.max(found.sequence, lane.last + 1));
    } catch (cause) {
      this.#settle.reject(cause as Error);
    }
  }

  /** @param next where to read on, as far as this lane knows; only the last one knows it of them all */
  #end(index: number, next: number | undefined): void {
    if (index === this.#lanes.length - 1) this.#next = next;
    if (--this.#open > 0) return;
    const messages = this.#lanes.flatMap((lane) => lane.messages);
    this.#settle.resolve({ messages, next: this.#next });
  }
}

/** @returns undefined where the stream has nothing more */
function readAnswer({ headers, data }: Msg, asked: number): StreamMessage | undefined {
  if (!headers || headers.code === NOBODY_ANSWERS)
    throw new Error('the stream is missing or allows no direct get');
  if (headers.code === NOT_FOUND) return undefined;
  const sequence = Number(headers.get('Nats-Sequence'));
  if (headers.code !== 0 || !Number.isSafeInteger(sequence) || sequence < asked)
    throw new Error(`the stream cannot be read: ${headers.code} ${headers.description}`);
  return { subject: headers.get('Nats-Subject'), data, sequence };
}

/**
 * Reads what lies on the stream between two sequences, both included; of a long range, the beginning.
 *
 * @throws when the connection breaks, the signal comes, or the stream falls silent
 */
export function readStoredRange(
  connection: NatsConnection,
  inboxPrefix: string,
  { from, last, signal }: { from: number; last: number; signal: AbortSignal },
): Promise<StoredRange> {
  const end = Math.min(last, from + LANES * SEQUENCES_PER_LANE - 1);
  return new RangeRead(connection, inboxPrefix).run(from, end, signal);
}
