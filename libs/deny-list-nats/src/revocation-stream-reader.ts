import { REVOCATION_STREAM } from '@latchkey/contracts';
import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { StreamMessage } from './signed-event-reader.js';
import { readStoredRange, type StoredRange } from './stored-range.js';
import type { StreamState } from './stream-follower.js';

/** A request that was in flight when the server died is never answered. */
const REQUEST_MILLISECONDS = 1_000;
/** Small enough that requests which are served meanwhile do not wait for one to be verified. */
const MESSAGES_PER_TURN = 100;

/** Reads the revocation stream in order, from any position. */
export class RevocationStreamReader {
  #reading = new AbortController();

  private constructor(
    private readonly connection: NatsConnection,
    private readonly inboxPrefix: string,
    private readonly manager: JetStreamManager,
  ) {}

  static async open(
    connection: NatsConnection,
    inboxPrefix: string,
  ): Promise<RevocationStreamReader> {
    // The account check asks for more rights than a verifier's user has.
    const manager = await jetstreamManager(connection, {
      checkAPI: false,
      timeout: REQUEST_MILLISECONDS,
    });
    return new RevocationStreamReader(connection, inboxPrefix, manager);
  }

  /**
   * Ends all reading until the state is asked for again. What was in flight would be waited for in vain, and
   * behind another connection there may be another stream.
   */
  interrupt(): void {
    this.#reading.abort();
  }

  /** @throws when the stream is missing, or is not one of Latchkey's */
  async state(): Promise<StoredState> {
    this.#reading = new AbortController();
    const { config, state } = await this.manager.streams.info(REVOCATION_STREAM);
    const epoch = config.metadata?.['latchkey-epoch'];
    if (epoch === undefined) throw new Error(`stream ${REVOCATION_STREAM} names no epoch`);
    const { first_seq: firstSequence, last_seq: lastSequence, messages } = state;
    return { epoch, firstSequence, lastSequence, messages };
  }

  /** What lies at this place, if anything does. */
  async at(sequence: number): Promise<StreamMessage | undefined> {
    const { signal } = this.#reading;
    const asked = { from: sequence, last: sequence, signal };
    const { messages } = await readStoredRange(this.connection, this.inboxPrefix, asked);
    return messages[0];
  }

  /** Everything that the stream holds from `sequence` on, until its end at the time of `state`. */
  async *from(sequence: number, state: StoredState): AsyncGenerator<StreamMessage> {
    const { signal } = this.#reading;
    const { lastSequence: last } = state;
    let from: number | undefined = Math.max(sequence, state.firstSequence);
    let read = 0;
    while (from !== undefined && from <= last) {
      const asked = { from, last, signal };
      const range: StoredRange = await readStoredRange(this.connection, this.inboxPrefix, asked);
      for (const message of range.messages) {
        yield message;
        if (++read % MESSAGES_PER_TURN === 0) await nextTurn();
      }
      from = range.next;
    }
  }
}

/** As the server says it; none of it is signed. */
export interface StoredState extends StreamState {
  readonly firstSequence: number;
  readonly messages: number;
}
