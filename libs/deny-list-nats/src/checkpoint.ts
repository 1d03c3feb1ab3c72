import type { StreamMessage } from './signed-event-reader.js';
import type { ReadStored, StreamState } from './stream-state.js';

/**
 * Remembers what was applied from the stream, and recognizes whether the stream still holds it
 * (ADR 0039).
 *
 * If Postgres and NATS are restored to the same earlier moment, the auth service does not notice, and
 * assigns the same numbers and sequences again in the same epoch. An event that is still where it was
 * applied from got its number before that moment, and so did all lower numbers. The stream keeps
 * events longer than tokens live, so if the checkpoint has left it, there is little to read again.
 */
export class Checkpoint {
  /** The event with the highest number that was counted. */
  #highest: { readonly serial: number; readonly message: StreamMessage } | undefined;
  /** The message that was last read in order. */
  #last: StreamMessage | undefined;

  constructor(private readonly onLost: (sequence: number) => void) {}

  noteRead(message: StreamMessage): void {
    this.#last = message;
  }

  noteCounted(serial: number, message: StreamMessage): void {
    if (serial >= (this.#highest?.serial ?? -1)) this.#highest = { serial, message };
  }

  clear(): void {
    this.#highest = undefined;
    this.#last = undefined;
  }

  /** @param through the number up to which the list is complete; -1 if no number was counted */
  async isOn(state: StreamState, through: number, read: ReadStored): Promise<boolean> {
    const expected = this.#select(state, through);
    if (!expected) return through < 0;
    const { sequence, data } = expected;
    const found = await read(sequence);
    if (found && Buffer.from(data).equals(found.data)) return true;
    this.onLost(sequence);
    return false;
  }

  #select({ lastSequence }: StreamState, through: number): StreamMessage | undefined {
    // The stream has not grown. This is often a watermark, which the next one would have replaced.
    if (this.#last?.sequence === lastSequence) return this.#last;
    // A watermark or a snapshot can settle higher numbers, which no event confirms.
    return this.#highest && this.#highest.serial >= through ? this.#highest.message : undefined;
  }
}
