import { Injectable } from '@nestjs/common';

/** The record is older than it was: the database failed over to a lagging standby, or was restored. */
export class RecordWentBackError extends Error {
  override readonly name = 'RecordWentBackError';
}

/**
 * The highest next serial that this process has seen. Serials only grow, so a record with a lower one has gone
 * backward, and would assign serials a second time.
 */
@Injectable()
export class SerialHighWaterMark {
  #nextSerial = 0;

  /** One more than the highest serial known to be assigned. */
  get nextSerial(): number {
    return this.#nextSerial;
  }

  /**
   * Compares the answer only with what was seen before the query, because answers overtake each other.
   *
   * @param ask receives the lowest plausible next serial
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
          `the next serial is ${nextSerial}, but was ${seen} before: the record has gone backward`,
        );
      this.note(nextSerial);
    }
    return rows;
  }

  note(nextSerial: number): void {
    this.#nextSerial = Math.max(this.#nextSerial, nextSerial);
  }
}
