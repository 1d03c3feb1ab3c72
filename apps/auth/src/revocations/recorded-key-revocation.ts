import type { Revocation } from '@latchkey/contracts';
import { KeyRing } from '@latchkey/issuer';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { PostgresSigningKeyStore } from '../keys/postgres-signing-key-store.js';
import type { SigningKeyId } from '../platform/ids/stored-id.js';
import { RELAY } from '../platform/relay-database.js';
import { RevocationOutbox } from './revocation-outbox.js';
import { RevocationRecord } from './revocation-record.js';

/** Runs after the key was revoked, in the same transaction, and returns further revocations. */
export type FurtherRevocations = (
  manager: EntityManager,
  keyId: SigningKeyId,
) => Promise<Revocation[]>;

/** Runs the work in a transaction. */
type Transact<Done> = (work: (manager: EntityManager) => Promise<Revocation[]>) => Promise<Done>;

/** Rolls back the transaction; the loop that catches it plans again. */
class KeysChangedError extends Error {}

const ATTEMPTS = 5;

/**
 * Revokes a signing key in the record only: publication is the caller's task. The key's successor takes over, and
 * its events are marked to be signed again.
 */
@Injectable()
export class RecordedKeyRevocation {
  constructor(
    @InjectDataSource(RELAY) private readonly dataSource: DataSource,
    private readonly ring: KeyRing,
    private readonly store: PostgresSigningKeyStore,
    private readonly record: RevocationRecord,
    private readonly outbox: RevocationOutbox,
  ) {}

  /** Call this within a round of the relay, which then publishes the revocation. */
  async revoke(id: string): Promise<void> {
    const done = await this.revokeIn((work) => this.dataSource.transaction(work), id);
    if (done) await this.ring.maintain();
  }

  /**
   * The caller must reload the key ring after the commit.
   *
   * @param transact called again if another replica changed the keys meanwhile
   * @returns the result of `transact`; undefined if no published key has this id
   */
  async revokeIn<Done>(
    transact: Transact<Done>,
    id: string,
    furtherRevocations: FurtherRevocations = () => Promise.resolve([]),
  ): Promise<Done | undefined> {
    for (let attempt = 1; ; attempt += 1) {
      const changes = await this.ring.changesToRevoke(id);
      if (changes.length === 0) return undefined;
      try {
        return await transact((manager) =>
          this.#revoke(manager, { id, changes, furtherRevocations }),
        );
      } catch (error) {
        if (!(error instanceof KeysChangedError) || attempt === ATTEMPTS) throw error;
      }
    }
  }

  async #revoke(
    manager: EntityManager,
    {
      id,
      changes,
      furtherRevocations,
    }: {
      id: string;
      changes: Awaited<ReturnType<KeyRing['changesToRevoke']>>;
      furtherRevocations: FurtherRevocations;
    },
  ): Promise<Revocation[]> {
    const applied = await this.store.apply(changes, manager);
    if (applied === 'conflict') throw new KeysChangedError();
    const keyId = await this.store.idOf(manager, id);
    await this.outbox.unmarkSignedBy(manager, keyId);
    const ofKey = await this.record.revoke(manager, { trigger: 'signing_key_revoked', keyId });
    return [ofKey, ...(await furtherRevocations(manager, keyId))];
  }
}
