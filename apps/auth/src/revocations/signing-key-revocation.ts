import type { Revocation } from '@latchkey/contracts';
import { KeyRing } from '@latchkey/issuer';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { PostgresSigningKeyStore } from '../keys/postgres-signing-key-store.js';
import type { SigningKeyId } from '../ids/stored-id.js';
import { RevocationOutbox } from './revocation-outbox.js';
import { RevocationRecord } from './revocation-record.js';
import { RevocationRelay } from './revocation-relay.js';

/** What became of the wish to revoke a key. */
export type KeyRevocationOutcome =
  | { readonly revoked: true; readonly position?: string }
  /** No published key has this id. */
  | { readonly revoked: false };

/** What else ends with the key, in the same transaction. */
export type AlongWithKey = (manager: EntityManager, keyId: SigningKeyId) => Promise<Revocation[]>;

/** Thrown to roll back; the loop that catches it plans anew. */
class KeysChangedMeanwhile extends Error {}

const ATTEMPTS = 5;

/** Withdraws a signing key everywhere: its successor signs, its tokens are refused, its events signed anew. */
@Injectable()
export class SigningKeyRevocation {
  constructor(
    private readonly dataSource: DataSource,
    private readonly ring: KeyRing,
    private readonly store: PostgresSigningKeyStore,
    private readonly record: RevocationRecord,
    private readonly outbox: RevocationOutbox,
    private readonly relay: RevocationRelay,
  ) {}

  async revoke(
    id: string,
    along: AlongWithKey = () => Promise.resolve([]),
  ): Promise<KeyRevocationOutcome> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#revoke(id, along);
      } catch (error) {
        if (!(error instanceof KeysChangedMeanwhile) || attempt === ATTEMPTS) throw error;
      }
    }
  }

  async #revoke(id: string, along: AlongWithKey): Promise<KeyRevocationOutcome> {
    const changes = await this.ring.changesToRevoke(id);
    if (changes.length === 0) return { revoked: false };
    const revocations = await this.dataSource.transaction(async (manager) => {
      const applied = await this.store.apply(changes, manager);
      if (applied === 'conflict') throw new KeysChangedMeanwhile();
      const keyId = await this.store.idOf(manager, id);
      await this.outbox.unmarkSignedBy(manager, keyId);
      const ofKey = await this.record.revoke(manager, { trigger: 'signing_key_revoked', keyId });
      return [ofKey, ...(await along(manager, keyId))];
    });
    await this.ring.maintain();
    return { revoked: true, ...(await this.relay.publishNow(revocations)) };
  }
}
