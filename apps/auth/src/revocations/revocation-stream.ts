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
import { RevocationOutbox, type RecordedStream } from './revocation-outbox.js';
import { mergedRevokedKeys, type RevokedKeys } from './revoked-keys.js';
import {
  REVOCATIONS_OPTIONS,
  type RevocationsModuleOptions,
} from './revocations.module-definition.js';
import { epochOf, requireOwnStream, type StreamIdentity } from './stream-identity.js';
import { StoredMessages } from './stored-messages.js';
import { StreamSetup, UnfitStreamError } from './stream-setup.js';

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

/** Up to where the stream of this incarnation was compared with the record. */
interface Accounted {
  readonly created: string;
  /** With another one the record may be another copy of itself, whoever began it. */
  readonly epoch: string;
  readonly through: number;
}

/** The record before and after the look at the stream, and what was seen on it. */
interface Comparison {
  readonly before: RecordedStream;
  readonly after: RecordedStream;
  readonly info: StreamInfo | undefined;
  readonly loss: string | undefined;
  readonly regression: string | undefined;
  readonly unrecorded: Unrecorded;
}

const REPEATS = 'it gives out numbers for the second time';

/** Where there is no stream to compare the record with. */
const judge = (recorded: RecordedStream, wentBack: boolean) => ({
  loss: lossOf(recorded, undefined, undefined),
  regression: wentBack ? REPEATS : undefined,
});

/**
 * Sets the stream up, and notices within one call that it was lost, truncated or replaced, or that the
 * record behind it has gone backward.
 */
@Injectable()
export class RevocationStream {
  #accounted: Accounted | undefined;
  #hasLooked = false;
  /** What the stream's memory names. */
  #rememberedKeys: RevokedKeys = [];
  /** All that it has named in the life of this process: a new stream has no memory yet. */
  #everRemembered: RevokedKeys = [];

  constructor(
    private readonly outbox: RevocationOutbox,
    private readonly highWaterMark: SerialHighWaterMark,
    private readonly audit: RecordAudit,
    private readonly recovery: RecordRecovery,
    private readonly setup: StreamSetup,
    private readonly messages: StoredMessages,
    @Inject(REVOCATIONS_OPTIONS) private readonly options: RevocationsModuleOptions,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  /**
   * @returns the epoch of the stream as it is now
   * @throws ForeignStreamError when the stream is somebody else's: it is left alone
   */
  async ensure(connection: NatsConnection): Promise<string> {
    const manager = await jetstreamManager(connection, {
      checkAPI: false,
      timeout: REQUEST_TIMEOUT_MILLISECONDS,
    });
    const comparison = await this.#compare(manager);
    const epoch = await this.#epoch(comparison);
    const { info, before, after, unrecorded } = comparison;
    this.#rememberedKeys = unrecorded.rememberedKeys;
    for (const keys of [unrecorded.doubtfullyRememberedKeys, unrecorded.rememberedKeys])
      this.#everRemembered = mergedRevokedKeys(keys, this.#everRemembered);
    if (info) {
      const { created, state } = info;
      this.#accounted = { created, epoch: before.epoch, through: state.last_seq };
      this.#hasLooked = true;
    }
    return this.#setUp(manager, info, { ...after, epoch });
  }

  /** @throws ForeignStreamError when there is a stream, and it is somebody else's */
  async requireOwn(manager: JetStreamManager): Promise<void> {
    const info = await infoOf(manager);
    if (!info) return;
    requireOwnStream(info, { ...(await this.outbox.stream()), issuer: this.options.issuer });
  }

  /** The stream of this epoch is not what it was: everything live goes on a new one. @returns its epoch */
  async replace(lost: string, loss: string, serialsAbove = 0): Promise<string> {
    this.log.warn({ loss }, 'the revocation stream was lost and is filled again from the record');
    return this.outbox.beginNewEpoch(lost, Math.max(this.highWaterMark.nextSerial, serialsAbove));
  }

  /**
   * What the stream's own memory, in which nothing expires, is to name besides what it names already.
   *
   * @param revoked those that live verifiers have to know
   * @returns undefined when it lacks none
   */
  keysToRemember(revoked: RevokedKeys): RevokedKeys | undefined {
    const wanted = mergedRevokedKeys(revoked, this.#everRemembered);
    const named = new Set(this.#rememberedKeys.map(({ keyId }) => keyId));
    return wanted.every(({ keyId }) => named.has(keyId)) ? undefined : wanted;
  }

  /** @param watermark a signed one that names the keys */
  async rememberRevokedKeys(connection: NatsConnection, watermark: string): Promise<void> {
    const manager = await jetstreamManager(connection, {
      checkAPI: false,
      timeout: REQUEST_TIMEOUT_MILLISECONDS,
    });
    await this.setup.rememberRevokedKeys(manager, watermark);
  }

  /**
   * What was acknowledged before the look at the stream must be in it, and what is acknowledged after
   * it is newer: a publication by another replica in between is no loss. The other way round, what
   * was on the stream at that look must be accounted for by the record as it is afterwards.
   */
  async #compare(manager: JetStreamManager): Promise<Comparison> {
    const seen = this.highWaterMark.nextSerial;
    const before = await this.outbox.stream();
    const wentBack = before.nextSerial < seen;
    const info = await infoOf(manager);
    if (!info)
      return {
        before,
        after: before,
        info,
        unrecorded: NOTHING_UNRECORDED,
        ...judge(before, wentBack),
      };
    requireOwnStream(info, { ...before, issuer: this.options.issuer });
    const gone = await this.#goneFrom(manager, before);
    const suspicion = lossOf(before, info, before.lowestLive) ?? gone;
    const accounted = this.#accountedOf(info, before);
    const from = wentBack || suspicion !== undefined ? 0 : accounted;
    const unrecorded = await this.audit.survey(manager, info, from);
    const after = await this.outbox.stream();
    if (!wentBack) this.highWaterMark.note(after.nextSerial);
    const place = { lastSequence: info.state.last_seq, first: !this.#hasLooked };
    const regression = wentBack ? REPEATS : regressionOf(after, unrecorded, place);
    const loss = lossOf(before, info, after.lowestLive) ?? gone;
    return { before, after, info, unrecorded, loss, regression };
  }

  /** A stream that was rolled back and has grown again since is as long as before. */
  async #goneFrom(
    manager: JetStreamManager,
    { created, newestSubject }: RecordedStream,
  ): Promise<string | undefined> {
    if (created === undefined || newestSubject === undefined) return undefined;
    const isThere = await this.messages.holds(manager, newestSubject);
    return isThere ? undefined : 'without what was stored last';
  }

  #identity({ epoch, recordId }: RecordedStream): StreamIdentity {
    return { epoch, recordId, issuer: this.options.issuer };
  }

  /** 0 before the first look at this incarnation of the stream, or by this epoch, and after a roll-back. */
  #accountedOf(info: StreamInfo, { epoch }: RecordedStream): number {
    if (this.#accounted?.created !== info.created || this.#accounted.epoch !== epoch) return 0;
    return this.#accounted.through <= info.state.last_seq ? this.#accounted.through : 0;
  }

  async #epoch({ before, after, loss, regression, unrecorded }: Comparison): Promise<string> {
    if (after.epoch !== before.epoch) return after.epoch;
    const serialsAbove = Math.max(this.highWaterMark.nextSerial, unrecorded.highestSerial);
    if (regression !== undefined)
      return this.recovery.mend(before.epoch, regression, {
        ...unrecorded,
        highestSerial: serialsAbove,
      });
    await this.recovery.withdrawKeys(unrecorded, !this.#hasLooked);
    if (loss === undefined) return before.epoch;
    return this.replace(before.epoch, loss, serialsAbove);
  }

  /** What cannot be put right is deleted and made anew. */
  async #setUp(
    manager: JetStreamManager,
    found: StreamInfo | undefined,
    recorded: RecordedStream,
  ): Promise<string> {
    try {
      return await this.#configure(manager, found, recorded);
    } catch (error) {
      if (!(error instanceof UnfitStreamError)) throw error;
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
    await this.outbox.recordStreamCreated(recorded.epoch, info.created);
    return recorded.epoch;
  }
}
