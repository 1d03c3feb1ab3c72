import { Injectable } from '@nestjs/common';

/** The record knows less than it knew: a database that failed over to a late standby, or was restored. */
export class RecordWentBackError extends Error {
  override readonly name = 'RecordWentBackError';
}

/**
 * What this process has seen of the record. The next number only grows, so that a record with a lower
 * one has gone backward: it would give out numbers for the second time.
 */
@Injectable()
export class RecordWitness {
  #nextSerial = 0;

  /** One more than the highest number that is known to be given out. */
  get nextSerial(): number {
    return this.#nextSerial;
  }

  /**
   * Only what was seen before the question was asked is held against the answer, because answers
   * overtake each other.
   *
   * @param ask gets the lowest next number that is believed
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
          `the next number is ${nextSerial}, and was ${seen} before: the record has gone backward`,
        );
      this.note(nextSerial);
    }
    return rows;
  }

  note(nextSerial: number): void {
    this.#nextSerial = Math.max(this.#nextSerial, nextSerial);
  }
}
