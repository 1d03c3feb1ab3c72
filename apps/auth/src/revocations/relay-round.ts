import { KeyRing } from '@latchkey/issuer';
import type { NatsConnection } from '@nats-io/transport-node';
import { Inject, Injectable } from '@nestjs/common';
import { EventPublisher, type Destination } from './event-publisher.js';
import { RevocationOutbox } from './revocation-outbox.js';
import { RevocationStream } from './revocation-stream.js';
import {
  REVOCATIONS_OPTIONS,
  type RevocationsModuleOptions,
} from './revocations.module-definition.js';

/** Small enough that a slow disk, which syncs each message, acknowledges it all in time. */
const BATCH = 64;
/** Also how long a round hangs when NATS is killed in the middle of it. */
const BATCH_TIMEOUT_MILLISECONDS = 2_000;
const WATERMARK_TIMEOUT_MILLISECONDS = 1_000;

/** The stream or the signing key changed under a publication: nothing is wrong, begin again. */
export class RoundOvertakenError extends Error {
  override readonly name = 'RoundOvertakenError';
}

/** One round of the relay: the stream is there, the record is on it, the watermark says so. */
@Injectable()
export class RelayRound {
  constructor(
    private readonly stream: RevocationStream,
    private readonly outbox: RevocationOutbox,
    private readonly publisher: EventPublisher,
    private readonly ring: KeyRing,
    @Inject(REVOCATIONS_OPTIONS) private readonly options: RevocationsModuleOptions,
  ) {}

  /**
   * The order makes the watermark true: its time is read first, then the snapshot of what is
   * unpublished, and only when all of that is on the stream is the watermark published. A
   * transaction still open at the snapshot commits after that time, so it is not spoken for.
   *
   * @returns the epoch of the stream
   */
  async run(connection: NatsConnection): Promise<string> {
    const epoch = await this.stream.ensure(connection);
    const to = { connection, epoch, timeoutMilliseconds: BATCH_TIMEOUT_MILLISECONDS };
    const timeMilliseconds = await this.outbox.now();
    await this.#publishAll(to);
    const { highest, ...recorded } = await this.outbox.stream();
    if (recorded.epoch !== epoch) throw new RoundOvertakenError('the stream was replaced');
    const watermark = { issuer: this.options.issuer, timeMilliseconds, position: highest, epoch };
    const sequence = await this.publisher.publishWatermark(watermark, {
      ...to,
      timeoutMilliseconds: WATERMARK_TIMEOUT_MILLISECONDS,
    });
    await this.outbox.recordSequence(epoch, sequence);
    return epoch;
  }

  async #publishAll(to: Destination): Promise<void> {
    for (;;) {
      const batch = await this.outbox.unpublished(BATCH);
      if (batch.length > 0) {
        const { outcome } = await this.publisher.publish(batch, to);
        if (outcome === 'signing_key_revoked') await this.ring.load();
        if (outcome !== 'marked') throw new RoundOvertakenError(outcome);
      }
      if (batch.length < BATCH) return;
    }
  }
}
