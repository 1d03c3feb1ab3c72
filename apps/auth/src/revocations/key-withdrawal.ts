import type { Revocation } from '@latchkey/contracts';
import { KeyRing } from '@latchkey/issuer';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { RELAY_DATABASE } from '../platform/relay-database.js';
import type { SigningKeyId } from '../platform/ids/stored-id.js';
import { PostgresSigningKeyStore } from '../keys/postgres-signing-key-store.js';
import { RevocationOutbox } from './revocation-outbox.js';
import { RevocationRecord } from './revocation-record.js';

/** What else ends with the key, in the same transaction. */
export type AlongWithKey = (manager: EntityManager, keyId: SigningKeyId) => Promise<Revocation[]>;

/** Thrown to roll back; the loop that catches it plans anew. */
class KeysChangedMeanwhile extends Error {}

const ATTEMPTS = 5;

/** Revokes a signing key in the record: its successor signs, and its events are to be signed anew. */
@Injectable()
export class KeyWithdrawal {
  constructor(
    @Inject(RELAY_DATABASE) private readonly dataSource: DataSource,
    private readonly ring: KeyRing,
    private readonly store: PostgresSigningKeyStore,
    private readonly record: RevocationRecord,
    private readonly outbox: RevocationOutbox,
  ) {}

  /** @returns what is to be published; undefined when no published key has this id */
  async withdraw(
    id: string,
    along: AlongWithKey = () => Promise.resolve([]),
  ): Promise<readonly Revocation[] | undefined> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#withdraw(id, along);
      } catch (error) {
        if (!(error instanceof KeysChangedMeanwhile) || attempt === ATTEMPTS) throw error;
      }
    }
  }

  async #withdraw(id: string, along: AlongWithKey): Promise<readonly Revocation[] | undefined> {
    const changes = await this.ring.changesToRevoke(id);
    if (changes.length === 0) return undefined;
    const revocations = await this.dataSource.transaction(async (manager) => {
      const applied = await this.store.apply(changes, manager);
      if (applied === 'conflict') throw new KeysChangedMeanwhile();
      const keyId = await this.store.idOf(manager, id);
      await this.outbox.unmarkSignedBy(manager, keyId);
      const ofKey = await this.record.revoke(manager, { trigger: 'signing_key_revoked', keyId });
      return [ofKey, ...(await along(manager, keyId))];
    });
    await this.ring.maintain();
    return revocations;
  }
}
