import { KeyRing } from '@latchkey/issuer';
import { ProblemError } from '@latchkey/service-kit';
import { Injectable } from '@nestjs/common';
import { MoreThan, type EntityManager } from 'typeorm';
import { ServiceClock } from '../platform/clock/service-clock.js';
import {
  RecordedKeyRevocation,
  type FurtherRevocations,
} from '../revocations/recorded-key-revocation.js';
import { Revocations, type Committed } from '../revocations/revocations.js';
import { RevocationEntity } from '../revocations/revocation.entity.js';
import { MAX_REVOKED_KEYS } from '../revocations/revoked-keys.js';

/** @param seconds how long to wait */
export const tooManyRevokedKeys = (seconds: number) =>
  new ProblemError(429, 'too_many_revoked_keys', 'Too many signing keys are revoked', {
    detail:
      `services can keep track of at most ${MAX_REVOKED_KEYS} revoked keys: rotate the keys ` +
      `instead, or try again in ${seconds} s`,
    headers: { 'retry-after': `${seconds}` },
  });

/** Revokes a signing key and its tokens, and re-signs its events with the successor. */
@Injectable()
export class SigningKeyRevocation {
  constructor(
    private readonly recorded: RecordedKeyRevocation,
    private readonly revocations: Revocations,
    private readonly ring: KeyRing,
    private readonly clock: ServiceClock,
  ) {}

  /**
   * @returns undefined if no published key has this id
   * @throws ProblemError 429 if a watermark has no room for another revoked key
   */
  async revoke(
    keyId: string,
    furtherRevocations: FurtherRevocations = () => Promise.resolve([]),
  ): Promise<Committed | undefined> {
    return this.recorded.revokeIn(
      // The successor must be in place, because it signs the events of this revocation.
      (work) => this.revocations.commit(work, { beforePublication: () => this.ring.maintain() }),
      keyId,
      async (manager, id) => {
        await this.#requireRoom(manager);
        return furtherRevocations(manager, id);
      },
    );
  }

  /** Runs inside the transaction, after the key was revoked, so that an error rolls it back. */
  async #requireRoom(manager: EntityManager): Promise<void> {
    const now = this.clock.seconds();
    const revoked = await manager.find(RevocationEntity, {
      where: { kind: 'key', expiresAt: MoreThan(now) },
      order: { expiresAt: 'ASC' },
    });
    const [first] = revoked;
    if (!first || revoked.length <= MAX_REVOKED_KEYS) return;
    const seconds = first.expiresAt - now;
    throw tooManyRevokedKeys(seconds);
  }
}
