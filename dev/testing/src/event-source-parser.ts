/** One event of a `text/event-stream`. */
export interface ReceivedEvent {
  readonly type: string;
  readonly data: string;
  /** The last id that the stream has set. */
  readonly lastEventId: string;
}

/** Parses a `text/event-stream` as the HTML standard says ("Interpreting an event stream"), in chunks of any size. */
export class EventSourceParser {
  #rest = '';
  #type = '';
  #data: string[] = [];
  #lastEventId = '';
  /** The last `retry` field, in milliseconds. */
  retryMilliseconds: number | undefined;

  /** Returns the events that a chunk completes. */
  push(chunk: string): ReceivedEvent[] {
    // A carriage return at the end may be the first half of a line break.
    const text = this.#rest + chunk;
    const complete = text.endsWith('\r') ? text.slice(0, -1) : text;
    const lines = complete.split(/\r\n|\n|\r/);
    this.#rest = (lines.pop() ?? '') + text.slice(complete.length);
    return lines.flatMap((line) => this.#line(line));
  }

  #line(line: string): ReceivedEvent[] {
    if (line === '') return this.#dispatch();
    const colon = line.indexOf(':');
    const [name, rest] = colon < 0 ? [line, ''] : [line.slice(0, colon), line.slice(colon + 1)];
    this.#field(name, rest.startsWith(' ') ? rest.slice(1) : rest);
    return [];
  }

  #field(name: string, value: string): void {
    if (name === 'event') this.#type = value;
    if (name === 'data') this.#data.push(value);
    if (name === 'id' && !value.includes('\0')) this.#lastEventId = value;
    if (name === 'retry' && /^\d+$/.test(value)) this.retryMilliseconds = Number(value);
  }

  #dispatch(): ReceivedEvent[] {
    const [type, data] = [this.#type, this.#data];
    this.#type = '';
    this.#data = [];
    if (data.length === 0) return [];
    return [{ type: type || 'message', data: data.join('\n'), lastEventId: this.#lastEventId }];
  }
}
