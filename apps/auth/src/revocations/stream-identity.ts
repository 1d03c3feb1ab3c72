import { STREAM_EPOCH_METADATA } from '@latchkey/contracts';
import type { StreamConfig } from '@nats-io/jetstream';

const ISSUER = 'latchkey-issuer';
const RECORD = 'latchkey-record';
const SERIALS_ABOVE = 'latchkey-serials-above';
const REVOKED_KEYS = 'latchkey-revoked-keys';

/** Metadata with a higher serial is ignored, because no such serial can have been assigned. */
const MAX_PLAUSIBLE_SERIAL = 2 ** 52;

/** The identity that the stream carries in its metadata. */
export interface StreamIdentity {
  /** Identifies one incarnation of the stream. */
  readonly epoch: string;
  readonly issuer: string;
  /** Identifies the record. Backups and standbys have the same id. */
  readonly recordId: string;
}

export function identityMetadata({ epoch, issuer, recordId }: StreamIdentity) {
  return { [STREAM_EPOCH_METADATA]: epoch, [ISSUER]: issuer, [RECORD]: recordId };
}

type Config = Pick<Partial<StreamConfig>, 'metadata'>;

export const epochOf = ({ metadata }: Config): string | undefined =>
  metadata?.[STREAM_EPOCH_METADATA];

/**
 * Serials up to this one may have been used, according to the replica that created the stream. Outlives the
 * messages. It need not be signed, because a forged value only makes serials jump.
 */
export function serialsAbove({ metadata }: Config): number {
  const serial = Number(metadata?.[SERIALS_ABOVE] ?? 0);
  return Number.isSafeInteger(serial) && serial < MAX_PLAUSIBLE_SERIAL ? serial : 0;
}

export const serialsAboveMetadata = (serial: number) => ({ [SERIALS_ABOVE]: String(serial) });

/** A signed watermark that names the revoked keys. It outlives the messages. */
export const revokedKeysOf = ({ metadata }: Config): string | undefined => metadata?.[REVOKED_KEYS];

export const revokedKeysMetadata = (watermark: string) => ({ [REVOKED_KEYS]: watermark });

/** The stream belongs to another environment, or was not created by Latchkey. */
export class ForeignStreamError extends Error {
  override readonly name = 'ForeignStreamError';
}

const ADVICE =
  'Give each environment a NATS server or account of its own. If nothing uses this stream any more, ' +
  'delete it (nats stream rm REVOCATIONS).';

function foreign(whose: string): ForeignStreamError {
  return new ForeignStreamError(`The stream REVOCATIONS on this NATS ${whose}. ${ADVICE}`);
}

/** What the record knows about its stream. */
export interface KnownStream extends StreamIdentity {
  /** Creation time, as reported by NATS, of the last stream that was filled; undefined before the first. */
  readonly created?: string;
}

/**
 * A stream without an owner comes from an older release or was edited by hand. It is ours if this record has
 * filled it, or an earlier stream.
 *
 * @throws ForeignStreamError
 */
export function requireOwnStream(
  { config, created }: { readonly config: Config; readonly created: string },
  { epoch, issuer, recordId, created: known }: KnownStream,
): void {
  const { [ISSUER]: owner = issuer, [RECORD]: record } = config.metadata ?? {};
  if (owner !== issuer) throw foreign(`belongs to the issuer ${owner}, not to ${issuer}`);
  if (record !== undefined) {
    if (record === recordId) return;
    throw foreign(`belongs to another database of the issuer ${issuer}`);
  }
  if (created === known) return;
  const found = epochOf(config);
  if (found === undefined) throw foreign('was not made by Latchkey');
  if (found !== epoch && known === undefined) throw foreign('was filled from another database');
}
