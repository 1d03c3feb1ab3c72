import { ProblemError } from '@latchkey/service-kit';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { ServiceClock } from '../platform/clock/service-clock.js';
import { KeyWithdrawal, type AlongWithKey } from '../revocations/key-withdrawal.js';
import { RevocationRelay } from '../revocations/revocation-relay.js';
import { MOST_REVOKED_KEYS } from '../revocations/revoked-keys.js';

/** What became of the wish to revoke a key. */
export type KeyRevocationOutcome =
  | { readonly revoked: true; readonly position?: string }
  /** No published key has this id. */
  | { readonly revoked: false };

/** Withdraws a signing key everywhere: its successor signs, its tokens are refused, its events signed anew. */
@Injectable()
export class SigningKeyRevocation {
  constructor(
    private readonly withdrawal: KeyWithdrawal,
    private readonly relay: RevocationRelay,
    private readonly clock: ServiceClock,
  ) {}

  /** @throws ProblemError 429 when as many keys are revoked as verifiers can hear of */
  async revoke(
    keyId: string,
    along: AlongWithKey = () => Promise.resolve([]),
  ): Promise<KeyRevocationOutcome> {
    const revocations = await this.withdrawal.withdraw(keyId, async (manager, id) => {
      await this.#requireRoom(manager);
      return along(manager, id);
    });
    if (!revocations) return { revoked: false };
    return { revoked: true, ...(await this.relay.publishNow(revocations)) };
  }

  /** Called after the key was revoked; throwing undoes that. */
  async #requireRoom(manager: EntityManager): Promise<void> {
    const now = this.clock.seconds();
    const [{ count, first }] = await manager.query<[{ count: number; first: number }]>(
      `SELECT count(*)::int AS count, min(expires_at)::float8 AS first
       FROM revocations WHERE kind = 'key' AND expires_at > $1`,
      [now],
    );
    if (count <= MOST_REVOKED_KEYS) return;
    const seconds = Math.ceil(first - now);
    throw new ProblemError(429, 'too_many_revoked_keys', 'Too many signing keys are revoked', {
      detail:
        `${MOST_REVOKED_KEYS} keys were revoked within a day, and services can be told of no more. ` +
        `Rotate the keys instead, or try again in ${seconds} s`,
      headers: { 'retry-after': `${seconds}` },
    });
  }
}
