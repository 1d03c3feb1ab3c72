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
import { NOTHING_UNRECORDED, RecordAudit, regressionOf, type Unrecorded } from './record-audit.js';
import { RecordRecovery } from './record-recovery.js';
import { SerialHighWaterMark } from './serial-high-water-mark.js';
import { mergedRevokedKeys, type RevokedKeys } from './revoked-keys.js';
import {
  REVOCATIONS_OPTIONS,
  type RevocationsModuleOptions,
} from './revocations.module-definition.js';
import { epochOf, requireOwnStream, type StreamIdentity } from './stream-identity.js';
import { StoredMessages } from './stored-messages.js';
import { StreamRecord, type RecordedStream } from './stream-record.js';
import { StreamSetup, UnfixableStreamError } from './stream-setup.js';

const REQUEST_TIMEOUT_MILLISECONDS = 1_000;

/** Explains how JetStream's stream differs from the one that was filled; undefined if it is the same. */
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

const managerOf = (connection: NatsConnection) =>
  jetstreamManager(connection, { checkAPI: false, timeout: REQUEST_TIMEOUT_MILLISECONDS });

async function infoOf(manager: JetStreamManager): Promise<StreamInfo | undefined> {
  try {
    return await manager.streams.info(REVOCATION_STREAM);
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound)
      return undefined;
    throw error;
  }
}

/** How far this incarnation of the stream has been compared with the record. */
interface Compared {
  readonly created: string;
  /** A new epoch invalidates the comparison, because the record may have been restored from a copy. */
  readonly epoch: string;
  readonly through: number;
}

/** The record before and after the stream was read, and the differences found. */
interface Comparison {
  readonly before: RecordedStream;
  readonly after: RecordedStream;
  readonly info: StreamInfo | undefined;
  readonly loss: string | undefined;
  readonly regression: string | undefined;
  readonly unrecorded: Unrecorded;
}

const SERIALS_REPEAT = 'it assigns serials a second time';

/** The verdict when there is no stream to compare the record with. */
const verdictWithoutStream = (recorded: RecordedStream, wentBack: boolean) => ({
  loss: lossOf(recorded, undefined, undefined),
  regression: wentBack ? SERIALS_REPEAT : undefined,
});

/**
 * Sets up the stream. Each call detects a stream that was lost, truncated or replaced, and a record that
 * has gone backward.
 */
@Injectable()
export class RevocationStream {
  #compared: Compared | undefined;
  #hasCompared = false;
  /** Revoked keys named in the stream's metadata. */
  #metadataKeys: RevokedKeys = [];
  /** Revoked keys that any metadata has named since this process started. A new stream has no metadata yet. */
  #metadataKeysSinceStart: RevokedKeys = [];

  constructor(
    private readonly record: StreamRecord,
    private readonly highWaterMark: SerialHighWaterMark,
    private readonly audit: RecordAudit,
    private readonly recovery: RecordRecovery,
    private readonly setup: StreamSetup,
    private readonly messages: StoredMessages,
    @Inject(REVOCATIONS_OPTIONS) private readonly options: RevocationsModuleOptions,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  /**
   * @returns the current epoch of the stream
   * @throws ForeignStreamError if the stream belongs to another environment; it is left alone
   */
  async ensure(connection: NatsConnection): Promise<string> {
    const manager = await managerOf(connection);
    const comparison = await this.#compare(manager);
    const epoch = await this.#epoch(comparison);
    const { info, before, after, unrecorded } = comparison;
    this.#metadataKeys = unrecorded.metadataKeys;
    for (const keys of [unrecorded.unverifiedMetadataKeys, unrecorded.metadataKeys])
      this.#metadataKeysSinceStart = mergedRevokedKeys(keys, this.#metadataKeysSinceStart);
    if (info) {
      const { created, state } = info;
      this.#compared = { created, epoch: before.epoch, through: state.last_seq };
      this.#hasCompared = true;
    }
    return this.#setUp(manager, info, { ...after, epoch });
  }

  /** @throws ForeignStreamError if the stream exists and belongs to another environment */
  async requireOwn(manager: JetStreamManager): Promise<void> {
    const info = await infoOf(manager);
    if (!info) return;
    requireOwnStream(info, { ...(await this.record.stream()), issuer: this.options.issuer });
  }

  /**
   * Starts a new epoch, in which everything live is published again.
   *
   * @returns the new epoch
   */
  async replace(lost: string, loss: string, serialsAbove = 0): Promise<string> {
    this.log.warn({ loss }, 'the revocation stream was lost: refilling it from the record');
    return this.record.beginNewEpoch(lost, Math.max(this.highWaterMark.nextSerial, serialsAbove));
  }

  /**
   * The revoked keys to name in the stream's metadata, which never expires.
   *
   * @param revoked keys that running verifiers must know
   * @returns undefined if the metadata names all of them already
   */
  keysToRemember(revoked: RevokedKeys): RevokedKeys | undefined {
    const wanted = mergedRevokedKeys(revoked, this.#metadataKeysSinceStart);
    const named = new Set(this.#metadataKeys.map(({ keyId }) => keyId));
    return wanted.every(({ keyId }) => named.has(keyId)) ? undefined : wanted;
  }

  /** @param watermark a signed watermark that names the keys */
  async rememberRevokedKeys(connection: NatsConnection, watermark: string): Promise<void> {
    const manager = await managerOf(connection);
    await this.setup.rememberRevokedKeys(manager, watermark);
  }

  /**
   * Reads the record, then the stream, then the record again, because other replicas publish meanwhile.
   * Everything in the first reading of the record must be on the stream, and everything on the stream must be
   * in the second.
   */
  async #compare(manager: JetStreamManager): Promise<Comparison> {
    const seen = this.highWaterMark.nextSerial;
    const before = await this.record.stream();
    const wentBack = before.nextSerial < seen;
    const info = await infoOf(manager);
    if (!info)
      return {
        before,
        after: before,
        info,
        unrecorded: NOTHING_UNRECORDED,
        ...verdictWithoutStream(before, wentBack),
      };
    requireOwnStream(info, { ...before, issuer: this.options.issuer });
    const newestMissing = await this.#newestMissing(manager, before);
    const suspicion = lossOf(before, info, before.lowestLive) ?? newestMissing;
    const compared = this.#comparedThrough(info, before);
    const from = wentBack || suspicion !== undefined ? 0 : compared;
    const unrecorded = await this.audit.survey(manager, info, from);
    const after = await this.record.stream();
    if (!wentBack) this.highWaterMark.note(after.nextSerial);
    const place = { lastSequence: info.state.last_seq, first: !this.#hasCompared };
    const regression = wentBack ? SERIALS_REPEAT : regressionOf(after, unrecorded, place);
    const loss = lossOf(before, info, after.lowestLive) ?? newestMissing;
    return { before, after, info, unrecorded, loss, regression };
  }

  /** Detects a stream that was rolled back and has grown to its old length since. */
  async #newestMissing(
    manager: JetStreamManager,
    { created, newestSubject }: RecordedStream,
  ): Promise<string | undefined> {
    if (created === undefined || newestSubject === undefined) return undefined;
    const isThere = await this.messages.holds(manager, newestSubject);
    return isThere ? undefined : 'without its newest message';
  }

  #identity({ epoch, recordId }: RecordedStream): StreamIdentity {
    return { epoch, recordId, issuer: this.options.issuer };
  }

  /** 0 before the first comparison in this incarnation and epoch, and after a rollback. */
  #comparedThrough(info: StreamInfo, { epoch }: RecordedStream): number {
    if (this.#compared?.created !== info.created || this.#compared.epoch !== epoch) return 0;
    return this.#compared.through <= info.state.last_seq ? this.#compared.through : 0;
  }

  async #epoch({ before, after, loss, regression, unrecorded }: Comparison): Promise<string> {
    if (after.epoch !== before.epoch) return after.epoch;
    const serialsAbove = Math.max(this.highWaterMark.nextSerial, unrecorded.highestSerial);
    if (regression !== undefined)
      return this.recovery.recover(before.epoch, regression, {
        ...unrecorded,
        highestSerial: serialsAbove,
      });
    await this.recovery.revokeKeysAgain(unrecorded, !this.#hasCompared);
    if (loss === undefined) return before.epoch;
    return this.replace(before.epoch, loss, serialsAbove);
  }

  /** Deletes and recreates a stream whose configuration cannot be corrected. */
  async #setUp(
    manager: JetStreamManager,
    found: StreamInfo | undefined,
    recorded: RecordedStream,
  ): Promise<string> {
    try {
      return await this.#configure(manager, found, recorded);
    } catch (error) {
      if (!(error instanceof UnfixableStreamError)) throw error;
      const epoch = await this.replace(recorded.epoch, error.message);
      await this.setup.delete(manager);
      return this.#configure(manager, undefined, { ...recorded, epoch });
    }
  }

  async #configure(
    manager: JetStreamManager,
    found: StreamInfo | undefined,
    recorded: RecordedStream,
  ): Promise<string> {
    const info = await this.setup.configure(manager, found, {
      identity: this.#identity(recorded),
      serialsAbove: recorded.nextSerial - 1,
    });
    await this.record.recordStreamCreated(recorded.epoch, info.created);
    return recorded.epoch;
  }
}
