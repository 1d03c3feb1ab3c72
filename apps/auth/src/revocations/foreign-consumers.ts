import { REVOCATION_STREAM } from '@latchkey/contracts';
import { isDatabaseUnavailable, LOGGER, MetricsRegistry } from '@latchkey/service-kit';
import {
  JetStreamApiCodes,
  JetStreamApiError,
  jetstreamManager,
  type ConsumerInfo,
} from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Logger } from 'pino';
import { FailureLog } from '../platform/failure-log.js';
import { NatsLink } from './nats-link.js';
import { RevocationStream } from './revocation-stream.js';
import { ForeignStreamError } from './stream-identity.js';

const CHECK_MILLISECONDS = 10_000;
const REQUEST_MILLISECONDS = 1_000;

/**
 * Push consumers leak the stream: the server sends it to any subject that they name, without checking
 * permissions. Durable consumers outlive their creator. Verifiers of earlier releases use ephemeral pull
 * consumers, which deliver only to their creator.
 */
function isForeign({ config }: Pick<ConsumerInfo, 'config'>): boolean {
  return config.deliver_subject !== undefined || config.durable_name !== undefined;
}

/**
 * Deletes consumers that Latchkey did not create. `deploy/nats.conf` forbids creating them, but the server may
 * run with another configuration, or may have done so before.
 */
@Injectable()
export class ForeignConsumers implements OnApplicationShutdown {
  readonly #timer: NodeJS.Timeout;
  #removed = 0;
  readonly #failure = new FailureLog();

  constructor(
    private readonly link: NatsLink,
    private readonly stream: RevocationStream,
    @Inject(LOGGER) private readonly log: Logger,
    metrics: MetricsRegistry,
  ) {
    link.onConnected((connection) => void this.removeFrom(connection));
    this.#timer = setInterval(() => void this.#check(), CHECK_MILLISECONDS).unref();
    metrics.counter(
      'latchkey_foreign_consumers_removed_total',
      'Consumers that this replica found on the revocation stream and deleted',
      () => this.#removed,
    );
  }

  onApplicationShutdown(): void {
    clearInterval(this.#timer);
  }

  /** Never throws: failures are retried on the next timer tick. */
  async removeFrom(connection: NatsConnection): Promise<void> {
    try {
      const options = { checkAPI: false, timeout: REQUEST_MILLISECONDS };
      const manager = await jetstreamManager(connection, options);
      // Leave the consumers of another environment's stream alone.
      await this.stream.requireOwn(manager);
      const { consumers } = manager;
      for await (const found of consumers.list(REVOCATION_STREAM)) {
        if (!isForeign(found)) continue;
        await consumers.delete(REVOCATION_STREAM, found.name);
        this.#logDeleted(found);
      }
      this.#failure.clear();
    } catch (error) {
      if (!connection.isClosed() && !isLoggedElsewhere(error)) this.#note(error);
    }
  }

  async #check(): Promise<void> {
    const connection = await this.link.connection(0);
    if (connection) await this.removeFrom(connection);
  }

  #logDeleted({ name, config }: ConsumerInfo): void {
    this.#removed++;
    this.log.warn(
      { consumer: name, deliverSubject: config.deliver_subject, durable: config.durable_name },
      'deleted a foreign consumer of the revocation stream, which someone with a NATS password created: ' +
        'change that password',
    );
  }

  #note(error: unknown): void {
    this.#failure.note(error, (failure) =>
      this.log.warn(
        { failure },
        'cannot list or delete consumers of the revocation stream: compare the permissions with deploy/nats.conf',
      ),
    );
  }
}

/** The relay logs foreign streams and database outages. */
function isLoggedElsewhere(error: unknown): boolean {
  return error instanceof ForeignStreamError || isDatabaseUnavailable(error) || isNotFound(error);
}

/** The stream is not set up yet, or another replica has already deleted the consumer. */
function isNotFound(error: unknown): boolean {
  const codes: number[] = [JetStreamApiCodes.StreamNotFound, JetStreamApiCodes.ConsumerNotFound];
  return error instanceof JetStreamApiError && codes.includes(error.code);
}
