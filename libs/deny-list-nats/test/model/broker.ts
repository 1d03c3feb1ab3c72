import type { StreamMessage } from '../../src/signed-event-reader.js';
import type { StreamState } from '../../src/stream-state.js';
import type { WorldClock } from './world-clock.js';

const MAX_AGE_MILLISECONDS = 480_000;
const DUPLICATE_WINDOW_MILLISECONDS = 120_000;

export interface Stored {
  readonly sequence: number;
  readonly subject: string;
  readonly text: string;
  readonly at: number;
}

export interface Stream {
  created: number;
  epoch: string;
  messages: Stored[];
  last: number;
  readonly seen: Map<string, { readonly sequence: number; readonly at: number }>;
}

/** A message on its way to the broker. */
export interface Publication {
  readonly subject: string;
  readonly text: string;
  readonly messageId?: string;
}

/** The fate of a message to the broker, or of its acknowledgement. */
export type Fate = 'arrives' | 'unanswered' | 'lost' | 'late';

interface Acknowledged {
  readonly sequence: number;
  /** The broker had stored it before. */
  readonly duplicate: boolean;
}

/** There was no answer, for whatever reason. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError';
}

/** JetStream with one message per subject, and with the ways in which it can fail or lie. */
export class ModelBroker {
  stream: Stream | undefined;
  /** Publications that arrive after their publisher has given them up. */
  readonly late: Publication[] = [];
  /** False once it has lost an acknowledged message in any way. */
  lossless = true;
  /** False once it has done so without a trace in its own description. */
  truthful = true;
  /** Subjects that it hides from readers. */
  readonly hidden = new Set<string>();
  /** Lies in its own description. */
  stateLie: Partial<Pick<StreamState, 'epoch' | 'lastSequence'>> = {};
  #incarnations = 0;
  #copy: Stream | undefined;

  constructor(
    private readonly clock: WorldClock,
    private readonly deliver: (message: StreamMessage) => void,
  ) {}

  info() {
    const { stream } = this;
    if (!stream) return undefined;
    this.#dropAged(stream);
    const { created, epoch, last } = stream;
    return { created, epoch, last, first: stream.messages[0]?.sequence ?? last + 1 };
  }

  /** Creates the stream, or gives the existing one a new epoch. */
  configure(epoch: string, create: boolean): number {
    if (!this.stream && !create) throw new NoAnswerError('stream not found');
    this.stream ??= { created: 0, epoch, messages: [], last: 0, seen: new Map() };
    this.stream.created ||= ++this.#incarnations;
    this.stream.epoch = epoch;
    return this.stream.created;
  }

  /** @throws NoAnswerError unless the message arrives and its acknowledgement returns */
  receive(publication: Publication, fate: Fate): Acknowledged {
    if (fate === 'late') this.late.push(publication);
    if (fate === 'late' || fate === 'lost') throw new NoAnswerError();
    const acknowledged = this.store(publication);
    if (fate === 'unanswered') throw new NoAnswerError();
    return acknowledged;
  }

  /** @returns the acknowledgement */
  store({ subject, text, messageId }: Publication): Acknowledged {
    const { stream } = this;
    if (!stream) throw new NoAnswerError('no stream');
    const seen = messageId === undefined ? undefined : stream.seen.get(messageId);
    if (seen && this.clock.now - seen.at < DUPLICATE_WINDOW_MILLISECONDS)
      return { sequence: seen.sequence, duplicate: true };
    const message = { subject, text, sequence: ++stream.last, at: this.clock.now };
    if (messageId !== undefined) stream.seen.set(messageId, message);
    stream.messages = stream.messages.filter((each) => each.subject !== subject);
    stream.messages.push(message);
    this.deliver(asRead(message));
    return { sequence: message.sequence, duplicate: false };
  }

  storeLate(): void {
    const publication = this.late.shift();
    if (publication && this.stream) this.store(publication);
  }

  /** Describes the stream to a verifier. */
  state(): StreamState {
    const { stream } = this;
    if (!stream) throw new NoAnswerError('stream not found');
    return { epoch: stream.epoch, lastSequence: stream.last, ...this.stateLie };
  }

  /** The message that its leader holds at this sequence. */
  at(sequence: number): Stored | undefined {
    if (!this.stream) throw new NoAnswerError('stream not found');
    this.#dropAged(this.stream);
    return this.stream.messages.find((each) => each.sequence === sequence);
  }

  /** The message that a reader receives at exactly this sequence. */
  read(sequence: number): StreamMessage | undefined {
    const found = this.next(sequence);
    return found?.sequence === sequence ? found : undefined;
  }

  /** The first message that a reader receives from this sequence on. */
  next(sequence: number): StreamMessage | undefined {
    if (!this.stream) throw new NoAnswerError('stream not found');
    this.#dropAged(this.stream);
    const found = this.stream.messages.find(
      (each) => each.sequence >= sequence && !this.hidden.has(each.subject),
    );
    return found && asRead(found);
  }

  delete(): void {
    this.lossless = false;
    this.stream = undefined;
  }

  /** Loses the end of the stream, like a crash before the data was on disk. */
  rollBack(count: number): void {
    const { stream } = this;
    if (!stream || count === 0) return;
    this.lossless = false;
    for (const [id, { sequence }] of stream.seen)
      if (sequence > stream.last - count) stream.seen.delete(id);
    stream.last = Math.max(0, stream.last - count);
    stream.messages = stream.messages.filter(({ sequence }) => sequence <= stream.last);
  }

  /** Loses an acknowledged message. */
  lose(index: number): void {
    const lost = this.stream?.messages[index % (this.stream.messages.length || 1)];
    if (!lost || !this.stream) return;
    this.lossless = this.truthful = false;
    this.stream.messages = this.stream.messages.filter((each) => each !== lost);
  }

  hide(index: number): void {
    const found = this.stream?.messages[index % (this.stream.messages.length || 1)];
    if (found) this.hidden.add(found.subject);
  }

  keepCopy(): void {
    this.#copy = this.stream && copyOf(this.stream);
  }

  /** Replays an old state of the stream, including its description. */
  playCopy(): void {
    if (!this.#copy) return;
    this.lossless = this.truthful = false;
    this.stream = copyOf(this.#copy);
  }

  /** A snapshot of its disk. */
  copy(): Stream | undefined {
    return this.stream && copyOf(this.stream);
  }

  /** Restores its disk. Messages on their way are lost with the connections. */
  goBackWithRecord(copy: Stream | undefined): void {
    this.stream = copy && copyOf(copy);
    this.late.length = 0;
  }

  renumber(by: number): void {
    const { stream } = this;
    if (!stream) return;
    this.lossless = this.truthful = false;
    stream.last += by;
    stream.messages = stream.messages.map((each) => ({ ...each, sequence: each.sequence + by }));
  }

  /** Somebody with permission to publish overwrites a message. */
  intrude(publication: Publication): void {
    if (!this.stream) return;
    this.lossless = this.truthful = false;
    this.store(publication);
  }

  /** Stops lying. Lost messages stay lost. */
  becomeHonest(): void {
    this.hidden.clear();
    this.stateLie = {};
  }

  #dropAged(stream: Stream): void {
    const oldest = this.clock.now - MAX_AGE_MILLISECONDS;
    if (stream.messages.some(({ at }) => at < oldest))
      stream.messages = stream.messages.filter(({ at }) => at >= oldest);
  }
}

const copyOf = (stream: Stream): Stream => ({
  ...stream,
  messages: [...stream.messages],
  seen: new Map(stream.seen),
});

export function asRead({ subject, text, sequence }: Omit<Stored, 'at'>): StreamMessage {
  return { subject, sequence, data: Buffer.from(text, 'latin1') };
}
