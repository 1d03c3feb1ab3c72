import type { StreamMessage } from '../../src/signed-event-reader.js';
import type { StreamState } from '../../src/stream-follower.js';
import type { WorldClock } from './record.js';

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

/** What it would take for a broker to store it: a message on its way. */
export interface Publication {
  readonly subject: string;
  readonly text: string;
  readonly messageId?: string;
}

interface Acknowledged {
  readonly sequence: number;
  /** It had it already. */
  readonly duplicate: boolean;
}

/** No answer came, for whatever reason. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError';
}

/** JetStream with one message per subject, and the ways in which it can break its word. */
export class ModelBroker {
  stream: Stream | undefined;
  /** Published, given up by who published it, and still on its way. */
  readonly late: Publication[] = [];
  /** Whether it ever lost what it had acknowledged, in any way. */
  lossless = true;
  /** Whether it ever did so without a trace in what it says about itself. */
  truthful = true;
  /** Subjects that readers are not given. */
  readonly hidden = new Set<string>();
  /** What it says about itself instead of the truth. */
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

  /** Creates the stream, or gives the one that exists its new epoch. */
  configure(epoch: string, create: boolean): number {
    if (!this.stream && !create) throw new NoAnswerError('stream not found');
    this.stream ??= { created: 0, epoch, messages: [], last: 0, seen: new Map() };
    this.stream.created ||= ++this.#incarnations;
    this.stream.epoch = epoch;
    return this.stream.created;
  }

  /** @returns what it acknowledges */
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

  /** What a verifier is told. */
  state(): StreamState {
    const { stream } = this;
    if (!stream) throw new NoAnswerError('stream not found');
    return { epoch: stream.epoch, lastSequence: stream.last, ...this.stateLie };
  }

  /** What its own leader has at this place. */
  at(sequence: number): Stored | undefined {
    if (!this.stream) throw new NoAnswerError('stream not found');
    this.#dropAged(this.stream);
    return this.stream.messages.find((each) => each.sequence === sequence);
  }

  /** The first that a reader is given from there on. */
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

  /** As after a crash that lost what was not yet on the disk. */
  rollBack(count: number): void {
    const { stream } = this;
    if (!stream || count === 0) return;
    this.lossless = false;
    for (const [id, { sequence }] of stream.seen)
      if (sequence > stream.last - count) stream.seen.delete(id);
    stream.last = Math.max(0, stream.last - count);
    stream.messages = stream.messages.filter(({ sequence }) => sequence <= stream.last);
  }

  /** Takes one out that it had acknowledged. */
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

  /** An old state of the stream, with all that it said about itself then. */
  playCopy(): void {
    if (!this.#copy) return;
    this.lossless = this.truthful = false;
    this.stream = copyOf(this.#copy);
  }

  /** What a snapshot of its disk holds. */
  copy(): Stream | undefined {
    return this.stream && copyOf(this.stream);
  }

  /** Its disk is put back. What was on its way to it is gone with the connections. */
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

  /** Anybody who can write puts something in the place of something else. */
  intrude(publication: Publication): void {
    if (!this.stream) return;
    this.lossless = this.truthful = false;
    this.store(publication);
  }

  /** From here on it keeps its word. What is gone stays gone. */
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
