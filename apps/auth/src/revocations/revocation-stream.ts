import { REVOCATION_STREAM } from '@latchkey/contracts';
import {
  JetStreamApiCodes,
  JetStreamApiError,
  jetstreamManager,
  type JetStreamManager,
  type StreamInfo,
} from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { LOGGER } from '@latchkey/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { RevocationOutbox, type RecordedStream } from './revocation-outbox.js';
import {
  REVOCATIONS_OPTIONS,
  type RevocationsModuleOptions,
} from './revocations.module-definition.js';
import {
  changeableConfig,
  epochOf,
  fits,
  FIXED_CONFIG,
  longestAge,
  type ChangeableConfig,
} from './stream-config.js';

const STREAM_NAME_IN_USE = 10058;
const REQUEST_TIMEOUT_MILLISECONDS = 1_000;

/** Why the stream that JetStream has is not the one that was filled; undefined when it is. */
export function lossOf(
  recorded: RecordedStream,
  info: Pick<StreamInfo, 'created' | 'config' | 'state'> | undefined,
  lowestLive: number | undefined,
): string | undefined {
  if (recorded.created === undefined) return undefined;
  if (!info) return 'gone';
  if (info.created !== recorded.created) return 'created anew';
  if (epochOf(info.config) !== recorded.epoch) return 'of another epoch';
  if (info.state.last_seq < recorded.highest) return 'rolled back';
  if (lowestLive !== undefined && info.state.first_seq > lowestLive) return 'truncated';
  return undefined;
}

async function infoOf(manager: JetStreamManager): Promise<StreamInfo | undefined> {
  try {
    return await manager.streams.info(REVOCATION_STREAM);
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound)
      return undefined;
    throw error;
  }
}

async function configure(
  manager: JetStreamManager,
  wanted: ChangeableConfig,
  found: StreamInfo | undefined,
): Promise<StreamInfo> {
  try {
    if (!found)
      return await manager.streams.add({ ...FIXED_CONFIG, ...wanted, name: REVOCATION_STREAM });
  } catch (error) {
    // Another replica was faster, and its settings differ.
    if (!(error instanceof JetStreamApiError) || error.code !== STREAM_NAME_IN_USE) throw error;
  }
  return manager.streams.update(REVOCATION_STREAM, longestAge(wanted, found?.config ?? {}));
}

/** Sets the stream up, and notices within one call when it was lost, truncated or replaced. */
@Injectable()
export class RevocationStream {
  constructor(
    private readonly outbox: RevocationOutbox,
    @Inject(REVOCATIONS_OPTIONS) private readonly options: RevocationsModuleOptions,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  /** @returns the epoch of the stream as it is now */
  async ensure(connection: NatsConnection): Promise<string> {
    const manager = await jetstreamManager(connection, {
      checkAPI: false,
      timeout: REQUEST_TIMEOUT_MILLISECONDS,
    });
    // What was acknowledged before the look at the stream must be in it, and what is acknowledged
    // after it is newer: a publication by another replica in between is no loss.
    const before = await this.outbox.stream();
    const info = await infoOf(manager);
    const after = await this.outbox.stream();
    const epoch = await this.#epoch(before, info, after);
    await this.#setUp(manager, info, epoch);
    return epoch;
  }

  async #epoch(
    before: RecordedStream,
    info: StreamInfo | undefined,
    after: RecordedStream,
  ): Promise<string> {
    if (after.epoch !== before.epoch) return after.epoch;
    const loss = lossOf(before, info, after.lowestLive);
    if (loss === undefined) return before.epoch;
    return this.replace(before.epoch, loss);
  }

  /** The stream of this epoch is not what it was: everything live goes on a new one. @returns its epoch */
  async replace(lost: string, loss: string): Promise<string> {
    this.log.warn({ loss }, 'the revocation stream was lost and is filled again from the record');
    return this.outbox.beginNewEpoch(lost);
  }

  async #setUp(
    manager: JetStreamManager,
    found: StreamInfo | undefined,
    epoch: string,
  ): Promise<void> {
    const wanted = changeableConfig(epoch, this.options);
    const good = found !== undefined && fits(found.config, wanted);
    const info = good ? found : await configure(manager, wanted, found);
    await this.outbox.recordStreamCreated(epoch, info.created);
  }
}
