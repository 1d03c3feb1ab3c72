import type { Revocation } from '@latchkey/contracts';
import { KeyRing } from '@latchkey/issuer';
import { LOGGER } from '@latchkey/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import type { EntityManager } from 'typeorm';
import { TokenLifetimes } from '../keys/token-lifetimes.js';
import { KeyWithdrawal } from './key-withdrawal.js';
import type { Unrecorded } from './record-audit.js';
import { RevocationOutbox } from './revocation-outbox.js';
import { insertRevocations } from './revocation-row.js';

/** Ends what these revocations are about, in the transaction that takes them back into the record. */
export type TakeBack = (
  manager: EntityManager,
  revocations: readonly Revocation[],
) => Promise<void>;

/**
 * Mends a record that has gone backward: a database that failed over to a late standby, or was
 * restored. Numbers jump over those that were given out, and revocations that the stream still holds
 * are taken back from it. What had left the stream as well is lost.
 */
@Injectable()
export class RecordRecovery {
  readonly #takeBack: TakeBack[] = [];
  /** Keys that the record has once called revoked, in the life of this process. */
  readonly #revoked = new Set<string>();
  #regressions = 0;

  constructor(
    private readonly outbox: RevocationOutbox,
    private readonly ring: KeyRing,
    private readonly keys: KeyWithdrawal,
    private readonly lifetimes: TokenLifetimes,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  /** How often a record that went backward was mended, since the start. */
  get regressions(): number {
    return this.#regressions;
  }

  /** What is revoked ends in other tables too; whoever owns them takes part. */
  alongside(takeBack: TakeBack): void {
    this.#takeBack.push(takeBack);
  }

  /** @returns the epoch that begins */
  async mend(lost: string, reason: string, unrecorded: Unrecorded): Promise<string> {
    const { revocations, highestSerial, doubtfullyRevokedKeys } = unrecorded;
    await this.#withdraw(allNamed(unrecorded));
    const epoch = await this.outbox.beginNewEpoch(lost, highestSerial, async (manager) => {
      await insertRevocations(manager, revocations);
      await this.lifetimes.extendAll(manager);
      for (const takeBack of this.#takeBack) await takeBack(manager, revocations);
    });
    this.#regressions++;
    this.log.error(
      { reason, revocationsTakenBack: revocations.length, keysLost: unrecorded.signerLost },
      'the record of revocations has gone backward: has the database failed over to a late standby, ' +
        'or been restored? Accounts, passwords, log-ins and older log-outs that it lost stay lost',
    );
    if (unrecorded.signerLost)
      this.log.error(
        { keyIds: [...doubtfullyRevokedKeys] },
        'the stream holds events of a signing key that the record has lost. The keys that they call revoked ' +
          'are revoked again, although nobody can verify that. Any other key that was revoked after the ' +
          'backup may be trusted again: revoke it once more (POST /admin/signing-keys/KID/revoke)',
      );
    return epoch;
  }

  /**
   * Looks after keys that have come back: the issuer has revoked them by its own signed word, or in the
   * memory of this process, although its record does not say so any more.
   *
   * @param isFirstLook whether a key that the record does not have is believed as well
   */
  async withdrawKeys(unrecorded: Unrecorded, isFirstLook: boolean): Promise<void> {
    const named = isFirstLook ? allNamed(unrecorded) : unrecorded.revokedKeys;
    const trusted = this.#comeBack(named);
    if (trusted.length > 0) await this.#withdraw(named);
  }

  async #withdraw(named: ReadonlySet<string>): Promise<void> {
    this.#comeBack(named);
    // What is in memory may be what the record said before.
    await this.ring.load();
    // The pending key first: revoking the active one lets it sign.
    for (const keyId of this.#comeBack(named).sort(this.#signersLast)) {
      await this.keys.withdraw(keyId);
      this.log.error(
        { keyId },
        'a signing key that was revoked had come back with an older record: it is revoked again',
      );
    }
  }

  readonly #signersLast = (one: string, other: string) => {
    const signs = (id: string) =>
      Number(this.ring.states.some(({ keyId, state }) => keyId === id && state === 'active'));
    return signs(one) - signs(other);
  };

  #comeBack(named: ReadonlySet<string>): string[] {
    const { states } = this.ring;
    for (const { keyId, state } of states) if (state === 'revoked') this.#revoked.add(keyId);
    return states
      .filter(({ state }) => state !== 'revoked' && state !== 'retired')
      .map(({ keyId }) => keyId)
      .filter((keyId) => named.has(keyId) || this.#revoked.has(keyId));
  }
}

/**
 * Includes keys that an event calls revoked although the record does not have its signing key: the record
 * may have lost that key together with the revocation. Only auth may write to the stream, and a forger could
 * do no more than revoke keys. Such events are believed once per start and once per regression, so that a
 * forger cannot keep doing it.
 */
const allNamed = ({ revokedKeys, doubtfullyRevokedKeys }: Unrecorded) =>
  new Set([...revokedKeys, ...doubtfullyRevokedKeys]);
