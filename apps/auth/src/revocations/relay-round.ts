import { KeyRing } from '@latchkey/issuer';
import type { NatsConnection } from '@nats-io/transport-node';
import { Inject, Injectable } from '@nestjs/common';
import { ServiceClock } from '../clock/service-clock.js';
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
    private readonly clock: ServiceClock,
    @Inject(REVOCATIONS_OPTIONS) private readonly options: RevocationsModuleOptions,
  ) {}

  /**
   * The order makes the watermark true. Its time, the service's and not Postgres's, is read first, then the snapshot of what is
   * unpublished: a transaction still open at that snapshot commits after that time, so it is not
   * spoken for. All of the snapshot has a number once it is published; then the highest number is
   * read, and what has a number up to there and is not published yet (another replica is at it) is
   * published as well. Numbers are only given upwards, so that this ends.
   *
   * @returns the epoch of the stream
   */
  async run(connection: NatsConnection): Promise<string> {
    const epoch = await this.stream.ensure(connection);
    const to = { connection, epoch, timeoutMilliseconds: BATCH_TIMEOUT_MILLISECONDS };
    const timeMilliseconds = Math.floor(this.clock.now());
    await this.#publishAll(to);
    const { serials, revokedKeys } = await this.outbox.numbered();
    await this.#publishAll(to, serials.through);
    const { highest, ...recorded } = await this.outbox.stream();
    if (recorded.epoch !== epoch) throw new RoundOvertakenError('the stream was replaced');
    const { issuer } = this.options;
    const sequence = await this.publisher.publishWatermark(
      { issuer, timeMilliseconds, serials, revokedKeys, position: highest, epoch },
      { ...to, timeoutMilliseconds: WATERMARK_TIMEOUT_MILLISECONDS },
    );
    if (sequence <= highest) {
      await this.stream.replace(epoch, 'rolled back');
      throw new RoundOvertakenError('the stream was rolled back');
    }
    await this.outbox.recordSequence(epoch, sequence);
    return epoch;
  }

  async #publishAll(to: Destination, through?: number): Promise<void> {
    for (;;) {
      const batch = await this.outbox.unpublished(BATCH, through);
      if (batch.length > 0) {
        const { outcome } = await this.publisher.publish(batch, to);
        if (outcome === 'signing_key_revoked') await this.ring.load();
        if (outcome !== 'marked') throw new RoundOvertakenError(outcome);
      }
      if (batch.length < BATCH) return;
    }
  }
}
