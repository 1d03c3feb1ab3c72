import { Readable } from 'node:stream';

/** In bytes, in addition to what the socket buffers. A reader that is this far behind is dropped. */
const MAX_BUFFERED_BYTES = 64 * 1024;
/** How long a reader may take to receive the end of the stream. */
const END_MILLISECONDS = 500;

/** A response of type `text/event-stream` whose buffer is bounded. */
export class EventStream extends Readable {
  #isEnding = false;

  override _read(): void {
    // `send` pushes events as they happen.
  }

  /**
   * Sends text in the format of server-sent events, or ends the response of a reader that is too slow. Does nothing
   * after {@link end}, for example to a status that was being made meanwhile.
   */
  send(text: string): void {
    if (this.#isEnding) return;
    if (this.readableLength > MAX_BUFFERED_BYTES) this.destroy();
    else this.push(text);
  }

  /** Ends the response: soon, even if the reader does not read. */
  end(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.push(null);
    const late = setTimeout(() => this.destroy(), END_MILLISECONDS);
    this.once('close', () => clearTimeout(late));
  }
}
