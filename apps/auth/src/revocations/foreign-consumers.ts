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
import { NatsLink } from './nats-link.js';
import { RevocationStream } from './revocation-stream.js';
import { ForeignStreamError } from './stream-identity.js';

const LOOK_MILLISECONDS = 10_000;
const REQUEST_MILLISECONDS = 1_000;

/**
 * The server pushes the stream to whatever subject such a consumer names, and checks no permission for
 * that; a durable one outlasts its creator. Verifiers of earlier releases read with ephemeral pull
 * consumers, which deliver to their creator alone.
 */
export function isForeign({ config }: Pick<ConsumerInfo, 'config'>): boolean {
  return config.deliver_subject !== undefined || config.durable_name !== undefined;
}

/**
 * Deletes consumers that nobody of Latchkey makes. `deploy/nats.conf` lets nobody create one, but it may
 * not be what the server runs with, or one may have been left behind before it was.
 */
@Injectable()
export class ForeignConsumers implements OnApplicationShutdown {
  readonly #timer: NodeJS.Timeout;
  #removed = 0;
  #failure: string | undefined;

  constructor(
    private readonly link: NatsLink,
    private readonly stream: RevocationStream,
    @Inject(LOGGER) private readonly log: Logger,
    metrics: MetricsRegistry,
  ) {
    link.onConnected((connection) => void this.removeFrom(connection));
    this.#timer = setInterval(() => void this.#look(), LOOK_MILLISECONDS).unref();
    metrics.counter(
      'latchkey_foreign_consumers_removed_total',
      'Consumers that this replica found on the revocation stream and deleted',
      () => this.#removed,
    );
  }

  onApplicationShutdown(): void {
    clearInterval(this.#timer);
  }

  /** Never throws: what it could not do it tries again. */
  async removeFrom(connection: NatsConnection): Promise<void> {
    try {
      const options = { checkAPI: false, timeout: REQUEST_MILLISECONDS };
      const manager = await jetstreamManager(connection, options);
      // The consumers of another environment's stream are its own business.
      await this.stream.requireOwn(manager);
      const { consumers } = manager;
      for await (const found of consumers.list(REVOCATION_STREAM)) {
        if (!isForeign(found)) continue;
        await consumers.delete(REVOCATION_STREAM, found.name);
        this.#tell(found);
      }
      this.#failure = undefined;
    } catch (error) {
      if (!connection.isClosed() && !isToldElsewhere(error)) this.#note(error);
    }
  }

  async #look(): Promise<void> {
    const connection = await this.link.connection(0);
    if (connection) await this.removeFrom(connection);
  }

  #tell({ name, config }: ConsumerInfo): void {
    this.#removed++;
    this.log.warn(
      { consumer: name, deliverSubject: config.deliver_subject, durable: config.durable_name },
      'deleted a foreign consumer of the revocation stream: somebody with a NATS password created it',
    );
  }

  #note(error: unknown): void {
    const failure = error instanceof Error ? error.message : String(error);
    if (failure !== this.#failure)
      this.log.warn(
        { failure },
        'consumers of the revocation stream cannot be looked at: compare the rights with deploy/nats.conf',
      );
    this.#failure = failure;
  }
}

/** The relay logs a foreign stream and a database that is away. */
function isToldElsewhere(error: unknown): boolean {
  return error instanceof ForeignStreamError || isDatabaseUnavailable(error) || isNotThere(error);
}

/** The stream is not set up yet, or another replica was faster. */
function isNotThere(error: unknown): boolean {
  const codes: number[] = [JetStreamApiCodes.StreamNotFound, JetStreamApiCodes.ConsumerNotFound];
  return error instanceof JetStreamApiError && codes.includes(error.code);
}
