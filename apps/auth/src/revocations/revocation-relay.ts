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
import { FailureLog } from '../platform/failure-log.js';
import { EventPublisher } from './event-publisher.js';
import { ExpiredRevocations } from './expired-revocations.js';
import { NatsLink } from './nats-link.js';
import { RelayRound } from './relay-round.js';
import { RevocationOutbox } from './revocation-outbox.js';
import { ForeignStreamError } from './stream-identity.js';

/** Short, because a request that is in flight when NATS is killed hangs until it times out. */
const TRY_MILLISECONDS = 300;
const ANSWER_WITHIN_MILLISECONDS = 1_000;
const PAUSE_BETWEEN_TRIES_MILLISECONDS = 25;

const ROUND_MILLISECONDS = 1_000;
/** Keeps the relay from spinning, because every failure wakes it. */
const SHORTEST_ROUND_MILLISECONDS = 100;
/** A connection that has carried no watermark for this long is replaced, whatever its client library reports. */
const USELESS_MILLISECONDS = 5_000;
const HOUSEKEEPING_MILLISECONDS = 30_000;

export interface RelayStatus {
  readonly connected: boolean;
  /** Live revocations that are not on the stream, as of the last round. */
  readonly backlog: number;
  /** Time since this replica last published a watermark; Infinity before the first. */
  readonly watermarkAgeSeconds: number;
  /** Failed attempts since the start. */
  readonly failures: number;
  readonly lastError?: string;
  /** Why nothing is published until an operator acts. */
  readonly blocked?: string;
}

/**
 * Publishes revocations from the record to the stream. Every replica runs one, without a leader: if a replica
 * dies at any line, the next round of any other finishes its work.
 */
@Injectable()
export class RevocationRelay implements OnApplicationBootstrap, OnApplicationShutdown {
  #stopped = false;
  #awake = false;
  #endSleep: () => void = () => undefined;
  #running?: Promise<void>;
  #epoch: string | undefined;
  #backlog = 0;
  #failures = 0;
  #watermarkAt = -Infinity;
  readonly #failure = new FailureLog();
  #foreign: string | undefined;
  #lastHousekeeping = -Infinity;

  constructor(
    private readonly link: NatsLink,
    private readonly round: RelayRound,
    private readonly outbox: RevocationOutbox,
    private readonly expired: ExpiredRevocations,
    private readonly publisher: EventPublisher,
    private readonly ring: KeyRing,
    @Inject(LOGGER) private readonly log: Logger,
  ) {
    // Without this, the first log-outs over a new connection would wait for the next round.
    link.onConnected(() => this.#wake());
  }

  get status(): RelayStatus {
    const lastError = this.#failure.current;
    return {
      connected: this.link.connected,
      backlog: this.#backlog,
      watermarkAgeSeconds: (performance.now() - this.#watermarkAt) / 1000,
      failures: this.#failures,
      ...(lastError !== undefined && { lastError }),
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
   * Publishes revocations that were just committed. Never throws: a later round publishes those that cannot be
   * published within about a second.
   *
   * @returns the highest serial if JetStream has stored all of them, undefined otherwise
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

  /** Wakes the relay, because a round recreates a lost stream before the next attempt. */
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
      const soonest = started + SHORTEST_ROUND_MILLISECONDS - performance.now();
      if (soonest > 0 && !this.#stopped) await delay(soonest);
    }
  }

  #wake(): void {
    this.#awake = true;
    this.#endSleep();
  }

  /** Ends early if the relay is woken, or was woken since the round began. */
  #sleep(milliseconds: number): Promise<void> {
    if (this.#awake) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#endSleep = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async #runOnce(): Promise<void> {
    let connection: NatsConnection | undefined;
    try {
      this.#backlog = await this.outbox.backlog();
      await this.#purgeExpired();
      connection = await this.link.connection(0);
      if (!connection) return;
      await this.round.run(connection, {
        onStream: (epoch) => (this.#epoch = epoch),
        onWatermark: () => (this.#watermarkAt = performance.now()),
      });
      this.#backlog = await this.outbox.backlog();
      this.#foreign = undefined;
      if (this.#failure.clear()) this.log.info('revocations are published again');
    } catch (error) {
      this.#note(error);
      if (error instanceof ForeignStreamError) return this.#stopFor(error);
      // A new connection to NATS would not help against a database outage.
      if (connection && !isDatabaseUnavailable(error)) await this.#renewIfUseless();
    }
  }

  /** Leaves a foreign stream alone. Log-outs are still recorded, and published once an operator has fixed this. */
  #stopFor(error: ForeignStreamError): void {
    if (this.#foreign === undefined) this.log.error(error.message);
    this.#foreign = error.message;
    this.#epoch = undefined;
  }

  /** A server of a cluster may accept connections and answer pings although it cannot reach JetStream. */
  async #renewIfUseless(): Promise<void> {
    const since = Math.max(this.#watermarkAt, this.link.connectedAt);
    if (performance.now() - since < USELESS_MILLISECONDS) return;
    this.log.warn('no watermark for 5 s over this connection to NATS: trying another');
    await this.link.renew();
  }

  async #purgeExpired(): Promise<void> {
    if (performance.now() - this.#lastHousekeeping < HOUSEKEEPING_MILLISECONDS) return;
    await this.expired.purge();
    this.#lastHousekeeping = performance.now();
  }

  #note(error: unknown): void {
    this.#failures++;
    // During start-up the database, the keys or the stream may not be available yet.
    const level = this.#epoch === undefined ? 'info' : 'warn';
    // As text, an error has its name too.
    this.#failure.note(String(error), (failure) =>
      this.log[level]({ failure }, 'revocations cannot be published'),
    );
  }
}
