import {
  SigningKeyStore,
  type PublicSigningJwk,
  type SigningKeyChange,
  type SigningKeySnapshot,
  type SigningKeyState,
  type StoredSigningKey,
} from '@latchkey/issuer';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource, QueryFailedError, type EntityManager } from 'typeorm';
import { RELAY_DATABASE } from '../platform/relay-database.js';
import type { SigningKeyId } from '../platform/ids/stored-id.js';
import { ServiceClock } from '../platform/clock/service-clock.js';

interface SigningKeyRow {
  kid: string;
  state: SigningKeyState;
  state_since_ms: number;
  public_jwk: PublicSigningJwk;
  encrypted_private_key: Buffer | null;
}

class ConcurrentChangeError extends Error {}

const UNIQUE_VIOLATION = '23505';
const isUniqueViolation = (error: unknown) =>
  error instanceof QueryFailedError &&
  (error.driverError as { code?: string }).code === UNIQUE_VIOLATION;

const milliseconds = (time: string) => `(extract(epoch FROM ${time}) * 1000)::double precision`;

function fromRow(row: SigningKeyRow): StoredSigningKey {
  return {
    keyId: row.kid,
    state: row.state,
    stateSince: row.state_since_ms,
    publicJwk: row.public_jwk,
    ...(row.encrypted_private_key && { encryptedPrivateKey: row.encrypted_private_key }),
  };
}

async function insert(
  manager: EntityManager,
  { key, state }: Extract<SigningKeyChange, { type: 'insert' }>,
): Promise<void> {
  await manager.query(
    `INSERT INTO signing_keys (kid, state, public_jwk, encrypted_private_key)
     VALUES ($1, $2, $3, $4)`,
    [key.keyId, state, JSON.stringify(key.publicJwk), Buffer.from(key.encryptedPrivateKey)],
  );
}

async function move(
  manager: EntityManager,
  { keyId, from, to }: Extract<SigningKeyChange, { type: 'move' }>,
): Promise<void> {
  const [, moved] = await manager.query<[unknown, number]>(
    `UPDATE signing_keys
     SET state = $3, state_since = clock_timestamp(),
         encrypted_private_key =
           CASE WHEN $3 IN ('pending', 'active') THEN encrypted_private_key END
     WHERE kid = $1 AND state = $2`,
    [keyId, from, to],
  );
  if (moved !== 1) throw new ConcurrentChangeError();
}

async function reencrypt(
  manager: EntityManager,
  { keyId, from, to }: Extract<SigningKeyChange, { type: 'reencrypt' }>,
): Promise<void> {
  const [, changed] = await manager.query<[unknown, number]>(
    `UPDATE signing_keys SET encrypted_private_key = $3
     WHERE kid = $1 AND encrypted_private_key = $2`,
    [keyId, Buffer.from(from), Buffer.from(to)],
  );
  if (changed !== 1) throw new ConcurrentChangeError();
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
    @Inject(RELAY_DATABASE) private readonly dataSource: DataSource,
    private readonly clock: ServiceClock,
  ) {
    super();
  }

  /** Also compares the clocks, so that nothing is signed before they have been compared. */
  override async load(): Promise<SigningKeySnapshot> {
    const asked = this.clock.read();
    const [clock] = await this.dataSource.query<[{ now: number }]>(
      `SELECT ${milliseconds('clock_timestamp()')} AS now`,
    );
    this.clock.compare(clock.now, asked);
    const now = this.clock.now();
    const rows = await this.dataSource.query<SigningKeyRow[]>(
      `SELECT kid, state, ${milliseconds('state_since')} AS state_since_ms,
              public_jwk, encrypted_private_key
       FROM signing_keys ORDER BY created_at, kid`,
    );
    return { now, keys: rows.map(fromRow) };
  }

  /** @throws Error if the key does not exist; callers have just changed it in this transaction */
  async idOf(manager: EntityManager, text: string): Promise<SigningKeyId> {
    const [row] = await manager.query<{ kid: SigningKeyId }[]>(
      'SELECT kid FROM signing_keys WHERE kid = $1',
      [text],
    );
    if (!row)
      throw new Error(`signing key ${text} disappeared within the transaction that changed it`);
    return row.kid;
  }

  /** @param manager the caller's transaction, if the changes must commit together with a revocation */
  override async apply(
    changes: readonly SigningKeyChange[],
    manager: EntityManager = this.dataSource.manager,
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
