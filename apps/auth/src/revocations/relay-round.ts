import { KeyRing } from '@latchkey/issuer';
import type { NatsConnection } from '@nats-io/transport-node';
import { Inject, Injectable } from '@nestjs/common';
import { ServiceClock } from '../platform/clock/service-clock.js';
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
/** However long a backlog is, verifiers hear once a second how far it has come. */
const WATERMARK_EVERY_MILLISECONDS = 1_000;
/** What another replica has written may be dated by so much ahead of this one's clock. */
const CLOCKS_OF_REPLICAS_MILLISECONDS = 2_000;

/** The stream or the signing key changed under a publication: nothing is wrong, begin again. */
export class RoundOvertakenError extends Error {
  override readonly name = 'RoundOvertakenError';
}

/** Hears how far a round has come; it may be a long one. */
export interface RoundListener {
  /** The stream is there, and publications may name its epoch. */
  onStream(epoch: string): void;
  /** A watermark is on it. */
  onWatermark(): void;
}

/** One round of the relay: the stream is there, the record is on it, the watermark says so. */
@Injectable()
export class RelayRound {
  /** The epoch whose stream holds all that was revoked before it began. */
  #filled: string | undefined;

  constructor(
    private readonly stream: RevocationStream,
    private readonly outbox: RevocationOutbox,
    private readonly publisher: EventPublisher,
    private readonly ring: KeyRing,
    private readonly clock: ServiceClock,
    @Inject(REVOCATIONS_OPTIONS) private readonly options: RevocationsModuleOptions,
  ) {}

  async run(connection: NatsConnection, listener: RoundListener): Promise<void> {
    const epoch = await this.stream.ensure(connection);
    listener.onStream(epoch);
    const to = { connection, epoch, timeoutMilliseconds: BATCH_TIMEOUT_MILLISECONDS };
    const step = async (batch: () => Promise<string[]>) => {
      const more = await this.#publishWhile(batch, to);
      // Before a new stream is full, numbers that were given for an older one mean nothing on it.
      if (more && this.#filled !== epoch) return true;
      await this.#putWatermark(to);
      listener.onWatermark();
      return more;
    };
    while (await step(() => this.outbox.unpublished(BATCH)));
    this.#filled = epoch;
    // Those who have them already lack nothing meanwhile, so that this comes last.
    while ((await this.outbox.toSignAgain(1)).length > 0)
      await step(() => this.outbox.toSignAgain(BATCH));
  }

  /**
   * Publishes batch after batch, for as long as verifiers may wait for a watermark.
   *
   * @returns whether there is more
   */
  async #publishWhile(next: () => Promise<string[]>, to: Destination): Promise<boolean> {
    const started = performance.now();
    while (performance.now() - started < WATERMARK_EVERY_MILLISECONDS) {
      const batch = await next();
      if (batch.length > 0) await this.#publish(batch, to);
      if (batch.length < BATCH) return false;
    }
    return true;
  }

  /**
   * The order makes the watermark true. Its time, the service's and not Postgres's, is read first, then the snapshot of what is
   * unpublished: a transaction still open at that snapshot commits after that time, so it is not
   * spoken for. What is in the snapshot was committed after it was written: the watermark's time stays
   * before the oldest of them. Then the highest number is read, and what has a number up to there and
   * is not published yet (another replica is at it) is published as well. Numbers are only given
   * upwards, and only to what is about to be published, so that this is little.
   */
  async #putWatermark(to: Destination): Promise<void> {
    const now = Math.floor(this.clock.now());
    const backlog = await this.outbox.backlogWritten();
    // A clock was set back: nothing tells when these were written.
    if (backlog && backlog.newest > this.clock.now() + CLOCKS_OF_REPLICAS_MILLISECONDS) return;
    const timeMilliseconds = Math.min(now, backlog?.oldest ?? now);
    const { serials, revokedKeys } = await this.outbox.numbered();
    await this.#publishNumbered(serials.through, to);
    const { highest, ...recorded } = await this.outbox.stream();
    const { epoch } = to;
    if (recorded.epoch !== epoch) throw new RoundOvertakenError('the stream was replaced');
    const { issuer } = this.options;
    const times = { timeMilliseconds, issuedAt: Math.floor(this.clock.now() / 1000) };
    const watermark = { issuer, ...times, serials, revokedKeys, position: highest, epoch };
    const sequence = await this.publisher.publishWatermark(watermark, {
      ...to,
      timeoutMilliseconds: WATERMARK_TIMEOUT_MILLISECONDS,
    });
    if (sequence <= highest) {
      await this.stream.replace(epoch, 'rolled back');
      throw new RoundOvertakenError('the stream was rolled back');
    }
    await this.outbox.recordSequence(epoch, sequence);
    const toRemember = this.stream.keysToRemember(revokedKeys);
    if (!toRemember) return;
    const memory = await this.publisher.signWatermark({ ...watermark, revokedKeys: toRemember });
    await this.stream.rememberRevokedKeys(to.connection, memory);
  }

  async #publishNumbered(through: number, to: Destination): Promise<void> {
    for (;;) {
      const batch = await this.outbox.unpublished(BATCH, through);
      if (batch.length > 0) await this.#publish(batch, to);
      if (batch.length < BATCH) return;
    }
  }

  async #publish(batch: readonly string[], to: Destination): Promise<void> {
    const { outcome } = await this.publisher.publish(batch, to);
    if (outcome === 'signing_key_revoked') await this.ring.load();
    if (outcome !== 'marked') throw new RoundOvertakenError(outcome);
  }
}
