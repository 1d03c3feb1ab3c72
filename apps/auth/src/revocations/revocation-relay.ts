import type { Revocation } from '@latchkey/contracts';
import { KeyRing, SigningUnavailableError } from '@latchkey/issuer';
import { isDatabaseUnavailable, LOGGER } from '@latchkey/service-kit';
import type { NatsConnection } from '@nats-io/transport-node';
import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { EventPublisher } from './event-publisher.js';
import { NatsLink } from './nats-link.js';
import { RelayRound } from './relay-round.js';
import { RevocationOutbox } from './revocation-outbox.js';
import { ForeignStreamError } from './stream-identity.js';

/** A request that was in flight when NATS was killed hangs until its time limit. */
const TRY_MILLISECONDS = 300;
const ANSWER_WITHIN_MILLISECONDS = 1_000;
const PAUSE_BETWEEN_TRIES_MILLISECONDS = 25;

const ROUND_MILLISECONDS = 1_000;
/** A round that was woken because something failed does not spin while it goes on failing. */
const SHORTEST_PAUSE_MILLISECONDS = 100;
/** So long without a watermark, a connection is no connection, whatever its client library says. */
const USELESS_MILLISECONDS = 5_000;
const HOUSEKEEPING_MILLISECONDS = 30_000;

export interface RelayStatus {
  readonly connected: boolean;
  /** Live revocations that are not on the stream, as of the last round. */
  readonly backlog: number;
  /** Since this replica last put a watermark on the stream; Infinity before the first. */
  readonly watermarkAgeSeconds: number;
  /** Tries that failed, since the start. */
  readonly failures: number;
  readonly lastError?: string;
  /** Why nothing will ever be published until an operator acts. */
  readonly blocked?: string;
}

/**
 * Carries revocations from the record to the stream. Every replica of the auth service runs one;
 * none leads: whatever one of them leaves behind, at any line, the next round of any other picks up.
 */
@Injectable()
export class RevocationRelay implements OnApplicationBootstrap, OnApplicationShutdown {
  #stopped = false;
  #awake = false;
  #rouse: () => void = () => undefined;
  #running?: Promise<void>;
  #epoch: string | undefined;
  #backlog = 0;
  #failures = 0;
  #watermarkAt = -Infinity;
  #lastError: string | undefined;
  #foreign: string | undefined;
  #lastHousekeeping = -Infinity;

  constructor(
    private readonly link: NatsLink,
    private readonly round: RelayRound,
    private readonly outbox: RevocationOutbox,
    private readonly publisher: EventPublisher,
    private readonly ring: KeyRing,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  get status(): RelayStatus {
    return {
      connected: this.link.connected,
      backlog: this.#backlog,
      watermarkAgeSeconds: (performance.now() - this.#watermarkAt) / 1000,
      failures: this.#failures,
      ...(this.#lastError !== undefined && { lastError: this.#lastError }),
      ...(this.#foreign !== undefined && { blocked: this.#foreign }),
    };
  }

  onApplicationBootstrap(): void {
    this.#running = this.#run();
  }

  async onApplicationShutdown(): Promise<void> {
    this.#stopped = true;
    this.#wake();
    await this.#running;
  }

  /**
   * Publishes revocations that were just committed. Never throws: those that cannot be published within
   * about a second stay in the record, and a later round publishes them.
   *
   * @returns their highest serial once JetStream has stored all of them, undefined otherwise
   */
  async publish(revocations: readonly Revocation[]): Promise<number | undefined> {
    if (revocations.length === 0) return undefined;
    const deadline = performance.now() + ANSWER_WITHIN_MILLISECONDS;
    const serial = await Promise.race([
      this.#publishUntil(deadline, revocations),
      delay(ANSWER_WITHIN_MILLISECONDS, undefined, { ref: false }),
    ]);
    if (serial === undefined) this.#wake();
    return serial;
  }

  async #publishUntil(
    deadline: number,
    revocations: readonly Revocation[],
  ): Promise<number | undefined> {
    while (performance.now() < deadline && !this.#stopped) {
      const timeout = Math.min(TRY_MILLISECONDS, Math.ceil(deadline - performance.now()));
      const serial = await this.#try(revocations, timeout);
      if (serial !== undefined) return serial;
      await delay(PAUSE_BETWEEN_TRIES_MILLISECONDS);
    }
    return undefined;
  }

  async #try(
    revocations: readonly Revocation[],
    timeoutMilliseconds: number,
  ): Promise<number | undefined> {
    try {
      const connection = await this.link.connection(timeoutMilliseconds);
      const epoch = this.#epoch;
      if (!connection || epoch === undefined) return undefined;
      const to = { connection, epoch, timeoutMilliseconds };
      const ids = revocations.map(({ id }) => id);
      const { outcome, serial } = await this.publisher.publish(ids, to);
      if (outcome === 'marked') return serial;
      if (outcome === 'signing_key_revoked') await this.ring.load();
      else this.#wake();
    } catch (error) {
      await this.#recover(error);
    }
    return undefined;
  }

  /** A round sets a lost stream up again, so that the next try finds it. */
  async #recover(error: unknown): Promise<void> {
    this.#note(error);
    this.#wake();
    if (error instanceof SigningUnavailableError)
      await this.ring.load().catch((cause: unknown) => this.#note(cause));
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      const started = performance.now();
      this.#awake = false;
      await this.#runOnce();
      await this.#sleep(Math.max(0, ROUND_MILLISECONDS - (performance.now() - started)));
      const soonest = started + SHORTEST_PAUSE_MILLISECONDS - performance.now();
      if (soonest > 0 && !this.#stopped) await delay(soonest);
    }
  }

  #wake(): void {
    this.#awake = true;
    this.#rouse();
  }

  /** Ends early when woken, also by what happened since the round began. */
  #sleep(milliseconds: number): Promise<void> {
    if (this.#awake) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#rouse = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async #runOnce(): Promise<void> {
    let connection: NatsConnection | undefined;
    try {
      this.#backlog = await this.outbox.backlog();
      await this.#keepHouse();
      connection = await this.link.connection(0);
      if (!connection) return;
      await this.round.run(connection, {
        onStream: (epoch) => (this.#epoch = epoch),
        onWatermark: () => (this.#watermarkAt = performance.now()),
      });
      this.#backlog = await this.outbox.backlog();
      this.#foreign = undefined;
      if (this.#lastError !== undefined) this.log.info('revocations are published again');
      this.#lastError = undefined;
    } catch (error) {
      this.#note(error);
      if (error instanceof ForeignStreamError) return this.#stopFor(error);
      // Another connection to NATS would not mend the database.
      if (connection && !isDatabaseUnavailable(error)) await this.#renewIfUseless();
    }
  }

  /** What is not ours is left alone: log-outs are recorded, and published once somebody has put this right. */
  #stopFor(error: ForeignStreamError): void {
    if (this.#foreign === undefined) this.log.error(error.message);
    this.#foreign = error.message;
    this.#epoch = undefined;
  }

  /** One server of a cluster can greet and answer pings while JetStream is out of its reach. */
  async #renewIfUseless(): Promise<void> {
    const since = Math.max(this.#watermarkAt, this.link.connectedAt);
    if (performance.now() - since < USELESS_MILLISECONDS) return;
    this.log.warn('no watermark for 5 s over this connection to NATS: trying another');
    await this.link.renew();
  }

  async #keepHouse(): Promise<void> {
    if (performance.now() - this.#lastHousekeeping < HOUSEKEEPING_MILLISECONDS) return;
    await this.outbox.purgeExpired();
    this.#lastHousekeeping = performance.now();
  }

  #note(error: unknown): void {
    this.#failures++;
    const failure = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    // Before the first round the database, the keys or the stream are just not there yet.
    const level = this.#epoch === undefined ? 'info' : 'warn';
    if (failure !== this.#lastError)
      this.log[level]({ failure }, 'revocations cannot be published');
    this.#lastError = failure;
  }
}
