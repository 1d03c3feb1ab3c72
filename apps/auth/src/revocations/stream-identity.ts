import type { StreamConfig } from '@nats-io/jetstream';

const EPOCH = 'latchkey-epoch';
const ISSUER = 'latchkey-issuer';
const RECORD = 'latchkey-record';
const SERIALS_ABOVE = 'latchkey-serials-above';
const REVOKED_KEYS = 'latchkey-revoked-keys';

/** Beyond any number that could have been given out; such a word is not believed. */
const HIGHEST_BELIEVABLE_SERIAL = 2 ** 52;

/** What the stream says about itself, in its metadata. */
export interface StreamIdentity {
  /** Names one incarnation of the stream. */
  readonly epoch: string;
  readonly issuer: string;
  /** Names the record, and every copy of it. */
  readonly recordId: string;
}

export function identityMetadata({ epoch, issuer, recordId }: StreamIdentity) {
  return { [EPOCH]: epoch, [ISSUER]: issuer, [RECORD]: recordId };
}

type Config = Pick<Partial<StreamConfig>, 'metadata'>;

export const epochOf = ({ metadata }: Config): string | undefined => metadata?.[EPOCH];

/**
 * Numbers up to here may have been given out, by the word of whoever set the stream up. It outlives
 * the messages, and is not signed: it makes numbers jump, and does nothing else.
 */
export function serialsAbove({ metadata }: Config): number {
  const serial = Number(metadata?.[SERIALS_ABOVE] ?? 0);
  return Number.isSafeInteger(serial) && serial < HIGHEST_BELIEVABLE_SERIAL ? serial : 0;
}

export const serialsAboveMetadata = (serial: number) => ({ [SERIALS_ABOVE]: String(serial) });

/** A signed watermark that names the revoked keys: it outlives the messages too. */
export const revokedKeysOf = ({ metadata }: Config): string | undefined => metadata?.[REVOKED_KEYS];

export const revokedKeysMetadata = (watermark: string) => ({ [REVOKED_KEYS]: watermark });

/** The stream is somebody else's: another environment's, or no stream of Latchkey at all. */
export class ForeignStreamError extends Error {
  override readonly name = 'ForeignStreamError';
}

const ADVICE =
  'Give each environment a NATS server or account of its own. If nothing uses this stream any more, ' +
  'delete it (nats stream rm REVOCATIONS).';

function foreign(whose: string): ForeignStreamError {
  return new ForeignStreamError(`The stream REVOCATIONS on this NATS ${whose}. ${ADVICE}`);
}

/** What the record knows of its stream. */
export interface KnownStream extends StreamIdentity {
  /** When the stream that it filled last was created, as NATS told; undefined before there was one. */
  readonly created?: string;
}

/**
 * A stream without an owner is that of an older release, or was edited by hand. It is ours if this
 * record has filled it, or another one before.
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
