import type { Revocation } from '@latchkey/contracts';
import { KeyRing } from '@latchkey/issuer';
import { LOGGER } from '@latchkey/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import type { EntityManager } from 'typeorm';
import { TokenLifetimes } from '../keys/token-lifetimes.js';
import { RecordedKeyRevocation } from './recorded-key-revocation.js';
import type { Unrecorded } from './record-audit.js';
import { insertRevocations } from './revocation-row.js';
import { StreamRecord } from './stream-record.js';

/** Applies restored revocations to another table, in the transaction that restores them to the record. */
export type RestoreHandler = (
  manager: EntityManager,
  revocations: readonly Revocation[],
) => Promise<void>;

/**
 * Repairs a record that has gone backward because the database failed over to a lagging standby or was
 * restored. Serials skip those already used, and revocations that are still on the stream are restored
 * from it. Anything older is lost.
 */
@Injectable()
export class RecordRecovery {
  readonly #restoreHandlers: RestoreHandler[] = [];
  #regressions = 0;

  constructor(
    private readonly record: StreamRecord,
    private readonly ring: KeyRing,
    private readonly keyRevocation: RecordedKeyRevocation,
    private readonly lifetimes: TokenLifetimes,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  /** Number of repairs since the start. */
  get regressions(): number {
    return this.#regressions;
  }

  /** Registers a handler for the owner of another table. */
  onRestore(handler: RestoreHandler): void {
    this.#restoreHandlers.push(handler);
  }

  /**
   * Restores what the stream still holds, under a new epoch.
   *
   * @returns the new epoch
   */
  async recover(lost: string, reason: string, unrecorded: Unrecorded): Promise<string> {
    const { revocations, highestSerial, unverifiedRevokedKeys } = unrecorded;
    await this.#revokeAgain(allNamed(unrecorded));
    const epoch = await this.record.beginNewEpoch(lost, highestSerial, async (manager) => {
      await insertRevocations(manager, revocations);
      await this.lifetimes.extendAll(manager);
      for (const handle of this.#restoreHandlers) await handle(manager, revocations);
    });
    this.#regressions++;
    this.log.error(
      { reason, revocationsRestored: revocations.length, keysLost: unrecorded.signerUnknown },
      'the record of revocations has gone backward: the database was restored, or failed over to a ' +
        'lagging standby. Accounts, passwords, log-ins and older log-outs that it lost stay lost',
    );
    if (unrecorded.signerUnknown)
      this.log.error(
        { keyIds: [...unverifiedRevokedKeys] },
        'the stream holds events of a signing key that the record has lost. The keys that they call revoked ' +
          'are revoked again, although these events cannot be verified. Any other key that was revoked after ' +
          'the backup may be trusted again: revoke it once more (POST /admin/signing-keys/KID/revoke)',
      );
    return epoch;
  }

  /**
   * Revokes keys again whose revocation the record has lost, according to signed messages or this process's
   * memory.
   *
   * @param isFirstLook whether to also believe messages whose signer is missing from the record
   */
  async revokeKeysAgain(unrecorded: Unrecorded, isFirstLook: boolean): Promise<void> {
    const named = isFirstLook ? allNamed(unrecorded) : unrecorded.revokedKeys;
    if (this.#resurrected(named).length > 0) await this.#revokeAgain(named);
  }

  async #revokeAgain(named: ReadonlySet<string>): Promise<void> {
    // The ring may still hold keys from before the record went backward.
    await this.ring.load();
    // Pending keys come first: revoking the active key would promote them.
    for (const keyId of this.#resurrected(named).sort(this.#signersLast)) {
      await this.keyRevocation.revoke(keyId);
      this.log.error(
        { keyId },
        'revoked a signing key again that had come back with an older record',
      );
    }
  }

  readonly #signersLast = (one: string, other: string) => {
    const signs = (id: string) =>
      Number(this.ring.states.some(({ keyId, state }) => keyId === id && state === 'active'));
    return signs(one) - signs(other);
  };

  /** Keys that are trusted although they were revoked. */
  #resurrected(named: ReadonlySet<string>): string[] {
    const { states, revokedKeyIdsSeen } = this.ring;
    return states
      .filter(({ state }) => state !== 'revoked' && state !== 'retired')
      .map(({ keyId }) => keyId)
      .filter((keyId) => named.has(keyId) || revokedKeyIdsSeen.has(keyId));
  }
}

/**
 * Includes keys from events whose signer is missing, because the record may have lost the signer together
 * with the revocation. Only auth may write to the stream, and a forger could only revoke keys. Such events are
 * believed once per start and once per regression, so that a forgery cannot be repeated.
 */
const allNamed = ({ revokedKeys, unverifiedRevokedKeys }: Unrecorded) =>
  new Set([...revokedKeys, ...unverifiedRevokedKeys]);
