/** Reads what a server sends in the pieces that the format has. Holds no more than one of them. */
export class SnapshotBody {
  readonly #parts: AsyncIterator<Uint8Array>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(body: AsyncIterable<Uint8Array>) {
    this.#parts = body[Symbol.asyncIterator]();
  }

  /** Up to the next line feed, without it. @throws when it is longer than `maxBytes` */
  async line(maxBytes: number): Promise<string> {
    for (;;) {
      const end = this.#rest.indexOf('\n');
      if (end > maxBytes || (end < 0 && this.#rest.length > maxBytes))
        throw new Error(`the head of the snapshot is larger than ${maxBytes} bytes`);
      if (end >= 0) return (await this.bytes(end + 1)).toString('latin1', 0, end);
      this.#rest = Buffer.concat([this.#rest, await this.#next()]);
    }
  }

  /** @throws when the body ends before */
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

  /** @throws when there is more */
  async end(): Promise<void> {
    if (this.#rest.length > 0 || !(await this.#parts.next()).done)
      throw new Error('the snapshot goes on after its end');
  }

  async #next(): Promise<Buffer> {
    const part = await this.#parts.next();
    if (part.done) throw new Error('the snapshot broke off');
    return Buffer.from(part.value.buffer, part.value.byteOffset, part.value.byteLength);
  }
}
