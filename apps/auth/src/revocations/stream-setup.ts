import { REVOCATION_STREAM } from '@latchkey/contracts';
import {
  JetStreamApiError,
  type JetStreamManager,
  type StreamConfig,
  type StreamInfo,
} from '@nats-io/jetstream';
import { LOGGER } from '@latchkey/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { TokenLifetimes } from '../keys/token-lifetimes.js';
import {
  REVOCATIONS_OPTIONS,
  type RevocationsModuleOptions,
} from './revocations.module-definition.js';
import {
  changeableConfig,
  deviations,
  FIXED_CONFIG,
  mergedConfig,
  type ChangeableConfig,
} from './stream-config.js';
import {
  epochOf,
  revokedKeysMetadata,
  revokedKeysOf,
  serialsAboveMetadata,
  type StreamIdentity,
} from './stream-identity.js';

/** The stream's configuration cannot be corrected: the stream must be recreated. */
export class UnfixableStreamError extends Error {
  override readonly name = 'UnfixableStreamError';
}

interface StreamTarget {
  readonly identity: StreamIdentity;
  /** Stored in the metadata of a new stream. */
  readonly serialsAbove: number;
}

/** Creates the stream, and restores its configuration after changes by others. */
@Injectable()
export class StreamSetup {
  constructor(
    @Inject(REVOCATIONS_OPTIONS) private readonly options: RevocationsModuleOptions,
    private readonly lifetimes: TokenLifetimes,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  /** @throws UnfixableStreamError */
  async configure(
    manager: JetStreamManager,
    found: StreamInfo | undefined,
    { identity, serialsAbove }: StreamTarget,
  ): Promise<StreamInfo> {
    await this.lifetimes.readUnlessKnown();
    const wanted = this.#wanted(identity);
    const isNew = !found || epochOf(found.config) !== identity.epoch;
    const memory = isNew ? serialsAboveMetadata(serialsAbove) : {};
    const config = { ...wanted, metadata: { ...wanted.metadata, ...memory } };
    const existing = found ?? (await this.#add(manager, config));
    const wrong = deviations(existing.config, wanted);
    if (wrong.length === 0) return this.#shorten(manager, existing, identity);
    if (!isNew)
      this.log.warn(
        { wrong },
        'the revocation stream was reconfigured: restoring its configuration',
      );
    return this.#update(manager, existing.config, config, wrong);
  }

  /** Stores a watermark in the stream's metadata, which never expires. */
  async rememberRevokedKeys(manager: JetStreamManager, watermark: string): Promise<void> {
    const { config } = await manager.streams.info(REVOCATION_STREAM);
    if (revokedKeysOf(config) === watermark) return;
    const metadata = { ...config.metadata, ...revokedKeysMetadata(watermark) };
    await manager.streams.update(REVOCATION_STREAM, { metadata });
  }

  /** Deletes a stream that cannot be corrected. The relay refills its successor from the record. */
  async delete(manager: JetStreamManager): Promise<void> {
    await manager.streams.delete(REVOCATION_STREAM);
  }

  #wanted(identity: StreamIdentity): ChangeableConfig {
    return changeableConfig(identity, {
      streamReplicas: this.options.streamReplicas,
      longestTokenSeconds: this.lifetimes.longestSeconds,
    });
  }

  /** Shortens `max_age`, but first reads the lifetimes again: another replica may issue longer tokens by now. */
  async #shorten(
    manager: JetStreamManager,
    found: StreamInfo,
    identity: StreamIdentity,
  ): Promise<StreamInfo> {
    if (found.config.max_age <= this.#wanted(identity).max_age) return found;
    await this.lifetimes.read();
    const { max_age: maxAge } = this.#wanted(identity);
    if (found.config.max_age <= maxAge) return found;
    this.log.info(
      'shortening the revocation stream: all tokens with a longer lifetime have expired',
    );
    return manager.streams.update(REVOCATION_STREAM, { max_age: maxAge });
  }

  /** Fails if another process has just created a different stream. The next round checks whose it is. */
  #add(manager: JetStreamManager, config: ChangeableConfig): Promise<StreamInfo> {
    return manager.streams.add({ ...FIXED_CONFIG, ...config, name: REVOCATION_STREAM });
  }

  async #update(
    manager: JetStreamManager,
    found: StreamConfig,
    config: ChangeableConfig,
    wrong: readonly string[],
  ): Promise<StreamInfo> {
    const merged = mergedConfig(config, found);
    const updated = await this.#tryUpdate(manager, merged, wrong);
    const left = deviations(updated.config, config);
    if (left.length > 0)
      throw new UnfixableStreamError(`cannot be reconfigured: ${left.join(', ')}`);
    return updated;
  }

  /** A rejected number of replicas does not make the stream unfit: a new stream would be rejected too. */
  async #tryUpdate(
    manager: JetStreamManager,
    merged: ReturnType<typeof mergedConfig>,
    wrong: readonly string[],
  ): Promise<StreamInfo> {
    try {
      return await manager.streams.update(REVOCATION_STREAM, merged);
    } catch (error) {
      if (!(error instanceof JetStreamApiError)) throw error;
      const harmful = wrong.filter((name) => name !== 'num_replicas' && name !== 'metadata');
      if (harmful.length === 0 || wrong.includes('num_replicas')) throw error;
      throw new UnfixableStreamError(`cannot be reconfigured: ${harmful.join(', ')}`, {
        cause: error,
      });
    }
  }
}
