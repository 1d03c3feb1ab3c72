import type { FeedMessage, Revocation, Watermark } from '@latchkey/contracts';
import type { JetStreamManager, StreamInfo } from '@nats-io/jetstream';
import { Injectable } from '@nestjs/common';
import { StoredMessages, type StoredMessage } from './stored-messages.js';
import type { RevokedKeys } from './revoked-keys.js';
import { revokedKeysOf, serialsAbove } from './stream-identity.js';
import { StreamRecord, type RecordedStream } from './stream-record.js';

/** Sequences per query of the record. */
const SEQUENCES = 10_000;
/** Messages read at once. */
const MESSAGES = 100;

/** What the stream has and the record lacks. */
export interface Unrecorded {
  /** Revocations signed by this issuer and missing from the record. */
  readonly revocations: readonly Revocation[];
  /** The highest serial that a signed message names; 0 if there is none. */
  readonly highestSerial: number;
  /** Keys that a signed message says are revoked. */
  readonly revokedKeys: ReadonlySet<string>;
  /** Keys that a message calls revoked which cannot be verified, because its signer is unknown. */
  readonly unverifiedRevokedKeys: ReadonlySet<string>;
  /** The keys among `revokedKeys` that the stream's metadata names, which never expires. */
  readonly metadataKeys: RevokedKeys;
  /** Keys named in metadata whose signer is revoked or missing from the record. The metadata must be signed again. */
  readonly unverifiedMetadataKeys: RevokedKeys;
  /** Whether a message was signed with a key that neither the record nor this process knows. */
  readonly signerUnknown: boolean;
  /** Whether the newest message is unknown, because it has expired or no known key verifies it. */
  readonly lastMessageUnknown: boolean;
}

/** The result when there is no stream to survey. */
export const NOTHING_UNRECORDED: Unrecorded = {
  revocations: [],
  highestSerial: 0,
  revokedKeys: new Set(),
  unverifiedRevokedKeys: new Set(),
  metadataKeys: [],
  unverifiedMetadataKeys: [],
  signerUnknown: false,
  lastMessageUnknown: true,
};

class Findings {
  readonly revocations: Revocation[] = [];
  readonly revokedKeys = new Set<string>();
  readonly unverifiedRevokedKeys = new Set<string>();
  highestSerial = 0;
  signerUnknown = false;
  /** The last message found, and whether it could be verified. */
  last: { readonly sequence: number; readonly known: boolean } | undefined;
}

function noteWatermark(findings: Findings, { serials, revokedKeys }: Watermark): void {
  findings.highestSerial = Math.max(findings.highestSerial, serials.through);
  for (const { keyId } of revokedKeys) findings.revokedKeys.add(keyId);
}

function noteUnknownSigner(findings: Findings, unverified: FeedMessage | undefined): void {
  findings.signerUnknown = true;
  for (const keyId of revokedKeysIn(unverified)) findings.unverifiedRevokedKeys.add(keyId);
}

function revokedKeysIn(message: FeedMessage | undefined): string[] {
  if (message?.type === 'revocation')
    return message.revocation.kind === 'key' ? [message.revocation.keyId] : [];
  return keysOf(message).map(({ keyId }) => keyId);
}

/**
 * Compares the stream with the record. Sequences have no gaps, so a message that the record does not know
 * came from another replica a moment ago, from a forger, or from this record before it went backward.
 */
@Injectable()
export class RecordAudit {
  constructor(
    private readonly record: StreamRecord,
    private readonly messages: StoredMessages,
  ) {}

  /** @param after sequences up to this one have been compared before */
  async survey(
    manager: JetStreamManager,
    { state, config }: Pick<StreamInfo, 'state' | 'config'>,
    after: number,
  ): Promise<Unrecorded> {
    const findings = new Findings();
    const from = Math.max(after + 1, state.first_seq);
    for await (const sequences of this.#unaccounted(from, state.last_seq)) {
      const at = (sequence: number) => this.messages.at(manager, sequence);
      for (const found of await Promise.all(sequences.map(at)))
        if (found) await this.#note(findings, found);
    }
    const inMetadata = await this.#metadataKeys(config, findings);
    const { last, revokedKeys, unverifiedRevokedKeys, highestSerial, signerUnknown } = findings;
    return {
      revocations: await this.record.missing(findings.revocations),
      highestSerial: Math.max(highestSerial, serialsAbove(config)),
      revokedKeys,
      unverifiedRevokedKeys,
      ...inMetadata,
      signerUnknown,
      lastMessageUnknown: last?.sequence !== state.last_seq || !last.known,
    };
  }

  async *#unaccounted(from: number, through: number): AsyncGenerator<number[]> {
    for (let next = from; next <= through; next += SEQUENCES) {
      const last = Math.min(next + SEQUENCES - 1, through);
      const found = await this.record.unrecordedSequences(next, last);
      for (let read = 0; read < found.length; read += MESSAGES)
        yield found.slice(read, read + MESSAGES);
    }
  }

  async #note(findings: Findings, { sequence, data }: StoredMessage): Promise<void> {
    const message = await this.messages.read(data);
    const known = message.type !== 'lost_signer' && message.type !== 'revoked_signer';
    findings.last = { sequence, known };
    if (message.type === 'lost_signer') noteUnknownSigner(findings, message.unverified);
    if (message.type === 'watermark') noteWatermark(findings, message.watermark);
    if (message.type !== 'revocation') return;
    findings.revocations.push(message.revocation);
    findings.highestSerial = Math.max(findings.highestSerial, message.serial);
    if (message.revocation.kind === 'key') findings.revokedKeys.add(message.revocation.keyId);
  }

  async #metadataKeys(
    config: StreamInfo['config'],
    findings: Findings,
  ): Promise<Pick<Unrecorded, 'metadataKeys' | 'unverifiedMetadataKeys'>> {
    const none = { metadataKeys: [], unverifiedMetadataKeys: [] };
    const jws = revokedKeysOf(config);
    if (jws === undefined) return none;
    const message = await this.messages.read(jws);
    switch (message.type) {
      case 'watermark':
        noteWatermark(findings, message.watermark);
        return this.messages.isSignerInRecord(jws)
          ? { ...none, metadataKeys: message.watermark.revokedKeys }
          : { ...none, unverifiedMetadataKeys: message.watermark.revokedKeys };
      case 'lost_signer':
        noteUnknownSigner(findings, message.unverified);
        return { ...none, unverifiedMetadataKeys: keysOf(message.unverified) };
      case 'revoked_signer':
        return { ...none, unverifiedMetadataKeys: keysOf(message.unverified) };
      case 'revocation':
      case 'forged':
        return none;
    }
  }
}

const keysOf = (message: FeedMessage | undefined): RevokedKeys =>
  message?.type === 'watermark' ? message.watermark.revokedKeys : [];

/**
 * Explains why the record is older than the stream; undefined if it is not. The record must have been read
 * after the stream.
 *
 * @param first whether this is the first comparison of this process; later ones rely on its own memory too
 */
export function regressionOf(
  recorded: RecordedStream,
  unrecorded: Unrecorded,
  { lastSequence, first }: { lastSequence: number; first: boolean },
): string | undefined {
  if (unrecorded.highestSerial >= recorded.nextSerial) return 'the stream has higher serials';
  if (unrecorded.revocations.length > 0)
    return 'the stream has revocations that are missing from the record';
  // Before this epoch has been set up on the stream, there is nothing else to compare.
  if (recorded.created === undefined) return undefined;
  if (first && lastSequence > recorded.highest && unrecorded.lastMessageUnknown)
    return 'the stream has newer messages than the record';
  return undefined;
}
