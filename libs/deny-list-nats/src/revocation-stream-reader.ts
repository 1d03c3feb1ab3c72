import { REVOCATION_STREAM, STREAM_EPOCH_METADATA } from '@latchkey/contracts';
import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { StreamMessage } from './signed-event-reader.js';
import { readStoredRange, type StoredRange } from './stored-range.js';
import type { StoredState } from './stream-state.js';

/** A request is never answered if the server dies while it is in flight. */
const REQUEST_MILLISECONDS = 1_000;
/** Small enough that requests to the service do not wait long for the replay. */
const MESSAGES_PER_TURN = 100;

/** Reads the revocation stream in order, from any sequence. */
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
    // The account check needs more permissions than a verifier's user has.
    const manager = await jetstreamManager(connection, {
      checkAPI: false,
      timeout: REQUEST_MILLISECONDS,
    });
    return new RevocationStreamReader(connection, inboxPrefix, manager);
  }

  /**
   * Ends all reading until the next call of {@link state}. Requests in flight would never be answered,
   * and after a reconnect the stream may be another one.
   */
  interrupt(): void {
    this.#reading.abort();
  }

  /** @throws if the stream is missing, or was not created by Latchkey's auth service */
  async state(): Promise<StoredState> {
    this.#reading = new AbortController();
    const { config, state } = await this.manager.streams.info(REVOCATION_STREAM);
    const epoch = config.metadata?.[STREAM_EPOCH_METADATA];
    if (epoch === undefined)
      throw new Error(
        `stream ${REVOCATION_STREAM} has no ${STREAM_EPOCH_METADATA} in its metadata`,
      );
    const { first_seq: firstSequence, last_seq: lastSequence, messages } = state;
    return { epoch, firstSequence, lastSequence, messages };
  }

  /** Returns the message at exactly this sequence; undefined if it was replaced or has expired. */
  async at(sequence: number): Promise<StreamMessage | undefined> {
    const { signal } = this.#reading;
    const range = { from: sequence, last: sequence, signal };
    const { messages } = await readStoredRange(this.connection, this.inboxPrefix, range);
    return messages[0];
  }

  /** Yields every message from `sequence` on, up to the end that the stream had at `state`. */
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
