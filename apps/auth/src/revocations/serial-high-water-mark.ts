import { Injectable } from '@nestjs/common';

/** The record has gone backward: its database failed over to a late standby, or was restored. */
export class RecordWentBackError extends Error {
  override readonly name = 'RecordWentBackError';
}

/**
 * The highest next serial that this process has seen in the record. Serials only grow, so a record with a
 * lower one has gone backward: it would give out serials for the second time.
 */
@Injectable()
export class SerialHighWaterMark {
  #nextSerial = 0;

  /** One more than the highest serial that is known to be given out. */
  get nextSerial(): number {
    return this.#nextSerial;
  }

  /**
   * Compares an answer with the mark from before the question, because answers overtake each other.
   *
   * @param ask gets the lowest next serial that is believed
   * @throws RecordWentBackError
   */
  async watch<T extends readonly { readonly nextSerial: number }[]>(
    ask: (seen: number) => Promise<T>,
  ): Promise<T> {
    const seen = this.#nextSerial;
    const rows = await ask(seen);
    for (const { nextSerial } of rows) {
      if (nextSerial < seen)
        throw new RecordWentBackError(
          `the next serial is ${nextSerial}, and was ${seen} before: the record has gone backward`,
        );
      this.note(nextSerial);
    }
    return rows;
  }

  note(nextSerial: number): void {
    this.#nextSerial = Math.max(this.#nextSerial, nextSerial);
  }
}
