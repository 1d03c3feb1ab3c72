import {
  SigningKeyStore,
  type SigningKeyChange,
  type KeySetReading,
  type SigningKeyState,
  type StoredSigningKey,
} from '@latchkey/issuer';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { QueryFailedError, Repository, type EntityManager, type UpdateResult } from 'typeorm';
import { compareClocks } from '../platform/clock/compare-clocks.js';
import { ServiceClock } from '../platform/clock/service-clock.js';
import type { SigningKeyId } from '../platform/ids/stored-id.js';
import { RELAY } from '../platform/relay-database.js';
import { SigningKeyEntity } from './signing-key.entity.js';

class ConcurrentChangeError extends Error {}

const UNIQUE_VIOLATION = '23505';
const isUniqueViolation = (error: unknown) =>
  error instanceof QueryFailedError &&
  (error.driverError as { code?: string }).code === UNIQUE_VIOLATION;

const mayHavePrivateKey = (state: SigningKeyState) => state === 'pending' || state === 'active';

function toStoredKey(entity: SigningKeyEntity): StoredSigningKey {
  const { kid, state, stateSince, publicJwk, encryptedPrivateKey } = entity;
  return {
    keyId: kid,
    state,
    stateSince: stateSince.getTime(),
    publicJwk,
    ...(encryptedPrivateKey && { encryptedPrivateKey }),
  };
}

async function insert(
  manager: EntityManager,
  { key, state }: Extract<SigningKeyChange, { type: 'insert' }>,
): Promise<void> {
  const { keyId: kid, publicJwk, encryptedPrivateKey } = key;
  const encrypted = Buffer.from(encryptedPrivateKey);
  await manager.insert(SigningKeyEntity, { kid, state, publicJwk, encryptedPrivateKey: encrypted });
}

async function move(
  manager: EntityManager,
  { keyId: kid, from, to }: Extract<SigningKeyChange, { type: 'move' }>,
): Promise<void> {
  const moved = await manager.update(
    SigningKeyEntity,
    { kid, state: from },
    {
      state: to,
      stateSince: () => 'clock_timestamp()',
      ...(!mayHavePrivateKey(to) && { encryptedPrivateKey: null }),
    },
  );
  requireOneRow(moved);
}

async function reencrypt(
  manager: EntityManager,
  { keyId: kid, from, to }: Extract<SigningKeyChange, { type: 'reencrypt' }>,
): Promise<void> {
  const changed = await manager.update(
    SigningKeyEntity,
    { kid, encryptedPrivateKey: Buffer.from(from) },
    { encryptedPrivateKey: Buffer.from(to) },
  );
  requireOneRow(changed);
}

/** Another replica has changed the key if no row is as it was planned. */
function requireOneRow({ affected }: UpdateResult): void {
  if (affected !== 1) throw new ConcurrentChangeError();
}

function write(manager: EntityManager, change: SigningKeyChange): Promise<void> {
  switch (change.type) {
    case 'insert':
      return insert(manager, change);
    case 'move':
      return move(manager, change);
    case 'reencrypt':
      return reencrypt(manager, change);
  }
}

/**
 * Stores signing keys in Postgres, whose clock stamps every change and whose constraints resolve races. The
 * service's clock decides when a change is due, so that no key is promoted or retired early.
 */
@Injectable()
export class PostgresSigningKeyStore extends SigningKeyStore {
  constructor(
    @InjectRepository(SigningKeyEntity, RELAY)
    private readonly keys: Repository<SigningKeyEntity>,
    private readonly clock: ServiceClock,
  ) {
    super();
  }

  /** Also compares the clocks, so that nothing is signed before they have been compared. */
  override async load(): Promise<KeySetReading> {
    await compareClocks(this.clock, this.keys.manager);
    const now = this.clock.now();
    const keys = await this.keys.find({ order: { createdAt: 'ASC', kid: 'ASC' } });
    return { now, keys: keys.map(toStoredKey) };
  }

  /** @throws Error if the key does not exist; callers have just changed it in this transaction */
  async idOf(manager: EntityManager, text: string): Promise<SigningKeyId> {
    const key = await manager
      .createQueryBuilder(SigningKeyEntity, 'key')
      .select('kid', 'id')
      .where({ kid: text })
      .getRawOne<{ id: SigningKeyId }>();
    if (!key)
      throw new Error(`signing key ${text} disappeared within the transaction that changed it`);
    return key.id;
  }

  /** @param manager the caller's transaction, if the changes must commit together with a revocation */
  override async apply(
    changes: readonly SigningKeyChange[],
    manager: EntityManager = this.keys.manager,
  ): Promise<'applied' | 'conflict'> {
    try {
      await manager.transaction(async (inner) => {
        for (const change of changes) await write(inner, change);
      });
      return 'applied';
    } catch (error) {
      if (error instanceof ConcurrentChangeError || isUniqueViolation(error)) return 'conflict';
      throw error;
    }
  }
}
