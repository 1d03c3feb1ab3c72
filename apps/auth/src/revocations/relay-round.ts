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
import { StreamRecord } from './stream-record.js';

/** Small enough for a slow disk, which syncs every message, to acknowledge the whole batch in time. */
const BATCH = 64;
/** Also limits how long a round hangs if NATS is killed meanwhile. */
const BATCH_TIMEOUT_MILLISECONDS = 2_000;
const WATERMARK_TIMEOUT_MILLISECONDS = 1_000;
/** Verifiers get a watermark this often, however long the backlog is. */
const WATERMARK_EVERY_MILLISECONDS = 1_000;
/** Another replica's clock may be ahead of this one's by up to this much. */
const MAX_REPLICA_CLOCK_SKEW_MILLISECONDS = 2_000;

/** The stream or the signing key changed during a publication. The next round starts over. */
class RoundOvertakenError extends Error {
  override readonly name = 'RoundOvertakenError';
}

/** Reports the progress of a round, which can take long. */
export interface RoundListener {
  /** The stream is set up, and publications may use its epoch. */
  onStream(epoch: string): void;
  /** A watermark was published. */
  onWatermark(): void;
}

/** One round of the relay: sets up the stream, publishes the record, then the watermark. */
@Injectable()
export class RelayRound {
  /** The epoch whose stream holds everything that was revoked before the epoch began. */
  #filled: string | undefined;

  constructor(
    private readonly stream: RevocationStream,
    private readonly outbox: RevocationOutbox,
    private readonly record: StreamRecord,
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
      // No watermark until a new stream is filled: older serials mean nothing on it.
      if (more && this.#filled !== epoch) return true;
      await this.#putWatermark(to);
      listener.onWatermark();
      return more;
    };
    while (await step(() => this.outbox.unpublished(BATCH)));
    this.#filled = epoch;
    // This comes last, because verifiers that have applied these events lack nothing.
    while ((await this.outbox.toSignAgain(1)).length > 0)
      await step(() => this.outbox.toSignAgain(BATCH));
  }

  /**
   * Publishes batches until the next watermark is due.
   *
   * @returns whether there are more
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
   * The watermark is true because of the order of these reads:
   *
   * 1. The service's time. Transactions that are still open at step 2 commit later, so it does not cover them.
   * 2. The unpublished revocations. Each was committed after it was written, so the time is lowered to the
   *    oldest write.
   * 3. The highest serial. Revocations that another replica has numbered up to it but not yet published are
   *    published here. They are few, because serials are assigned just before publication.
   */
  async #putWatermark(to: Destination): Promise<void> {
    const now = Math.floor(this.clock.now());
    const backlog = await this.outbox.backlogWritten();
    // A clock was set back, so the write times are not reliable.
    if (backlog && backlog.newest > this.clock.now() + MAX_REPLICA_CLOCK_SKEW_MILLISECONDS) return;
    const timeMilliseconds = Math.min(now, backlog?.oldest ?? now);
    const { serials, revokedKeys } = await this.record.numbered();
    await this.#publishNumbered(serials.through, to);
    const { highest, ...recorded } = await this.record.stream();
    const { epoch } = to;
    if (recorded.epoch !== epoch) throw new RoundOvertakenError('the stream was replaced');
    const { issuer } = this.options;
    const times = { timeMilliseconds, issuedAt: Math.floor(this.clock.now() / 1000) };
    const watermark = { issuer, ...times, serials, revokedKeys, sequence: highest, epoch };
    const sequence = await this.publisher.publishWatermark(watermark, {
      ...to,
      timeoutMilliseconds: WATERMARK_TIMEOUT_MILLISECONDS,
    });
    if (sequence <= highest) {
      await this.stream.replace(epoch, 'rolled back');
      throw new RoundOvertakenError('the stream was rolled back');
    }
    await this.record.recordSequence(epoch, sequence);
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
