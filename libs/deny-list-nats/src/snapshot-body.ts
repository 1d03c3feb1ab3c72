/** Reads a response body in units of the snapshot format, and buffers at most one unit. */
export class SnapshotBody {
  readonly #parts: AsyncIterator<Uint8Array>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(body: AsyncIterable<Uint8Array>) {
    this.#parts = body[Symbol.asyncIterator]();
  }

  /** Reads up to the next line feed. @throws if the line is longer than `maxBytes` */
  async line(maxBytes: number): Promise<string> {
    for (;;) {
      const end = this.#rest.indexOf('\n');
      if (end > maxBytes || (end < 0 && this.#rest.length > maxBytes))
        throw new Error(`the head of the snapshot exceeds ${maxBytes} bytes`);
      if (end >= 0) return (await this.bytes(end + 1)).toString('latin1', 0, end);
      this.#rest = Buffer.concat([this.#rest, await this.#next()]);
    }
  }

  /** @throws if the body ends too early */
  async bytes(count: number): Promise<Buffer> {
    const parts = [this.#rest];
    let length = this.#rest.length;
    while (length < count) {
      const part = await this.#next();
      parts.push(part);
      length += part.length;
    }
    const all = parts.length === 1 ? this.#rest : Buffer.concat(parts, length);
    this.#rest = all.subarray(count);
    return all.subarray(0, count);
  }

  /** @throws if the body continues */
  async end(): Promise<void> {
    if (this.#rest.length > 0 || !(await this.#parts.next()).done)
      throw new Error('the snapshot continues after its last chunk');
  }

  async #next(): Promise<Buffer> {
    const part = await this.#parts.next();
    if (part.done) throw new Error('the snapshot ended too early');
    return Buffer.from(part.value.buffer, part.value.byteOffset, part.value.byteLength);
  }
}
