import { REVOCATION_STREAM } from '@latchkey/contracts';
import {
  AckPolicy,
  DeliverPolicy,
  jetstream,
  jetstreamManager,
  type ConsumerMessages,
  type JetStreamClient,
  type JetStreamManager,
} from '@nats-io/jetstream';
import { nanos, type NatsConnection } from '@nats-io/transport-node';
import { randomUUID } from 'node:crypto';
import type { StreamMessage } from './signed-event-reader.js';
import type { StreamState } from './stream-follower.js';

/** A request that was in flight when the server died is never answered. */
const REQUEST_MILLISECONDS = 1_000;
/** Small enough that requests which are served meanwhile do not wait for one to be verified. */
const BATCH = 200;
const BATCH_WAIT_MILLISECONDS = 2_000;
/** A reader that died is cleared away by the server after this. */
const ABANDONED_AFTER_MILLISECONDS = 10_000;

/** Reads the revocation stream in order, from any position. */
export class RevocationStreamReader {
  #batch: ConsumerMessages | undefined;

  private constructor(
    private readonly client: JetStreamClient,
    private readonly manager: JetStreamManager,
  ) {}

  static async open(connection: NatsConnection): Promise<RevocationStreamReader> {
    // The account check asks for more rights than a verifier's user has.
    const manager = await jetstreamManager(connection, {
      checkAPI: false,
      timeout: REQUEST_MILLISECONDS,
    });
    const client = jetstream(connection, { timeout: REQUEST_MILLISECONDS });
    return new RevocationStreamReader(client, manager);
  }

  /** Ends a read whose connection broke: it would wait seconds for what will not come. */
  interrupt(): void {
    this.#batch?.stop(new Error('the connection broke in the middle of a replay'));
  }

  /** @throws when the stream is missing, or is not one of Latchkey's */
  async state(): Promise<StreamState & { readonly messages: number }> {
    const { config, state } = await this.manager.streams.info(REVOCATION_STREAM);
    const epoch = config.metadata?.['latchkey-epoch'];
    if (epoch === undefined) throw new Error(`stream ${REVOCATION_STREAM} names no epoch`);
    return { epoch, lastSequence: state.last_seq, messages: state.messages };
  }

  /** Everything that the stream holds from `sequence` on, until its end at the time. */
  async *from(sequence: number): AsyncGenerator<StreamMessage> {
    const name = `replay-${randomUUID()}`;
    let { num_pending: pending } = await this.manager.consumers.add(REVOCATION_STREAM, {
      name,
      ack_policy: AckPolicy.None,
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: sequence,
      mem_storage: true,
      num_replicas: 1,
      inactive_threshold: nanos(ABANDONED_AFTER_MILLISECONDS),
    });
    const consumer = await this.client.consumers.get(REVOCATION_STREAM, name);
    let delivered = 0;
    while (pending > 0) {
      const size = Math.min(BATCH, pending);
      this.#batch = await consumer.fetch({ max_messages: size, expires: BATCH_WAIT_MILLISECONDS });
      let received = 0;
      for await (const message of this.#batch) {
        // What was on its way when a connection broke is not sent again: read on from before it.
        if (message.info.deliverySequence !== ++delivered)
          throw new Error('messages were lost in the middle of a replay');
        received++;
        pending = message.info.pending;
        yield { subject: message.subject, data: message.data, sequence: message.seq };
      }
      if (received === 0) throw new Error('the stream stopped in the middle of a replay');
    }
    await this.manager.consumers.delete(REVOCATION_STREAM, name);
  }
}
