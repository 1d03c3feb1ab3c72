import { Inject, Injectable } from '@nestjs/common';
import { createHash, timingSafeEqual } from 'node:crypto';
import { DataSource, type EntityManager } from 'typeorm';
import { FIRST_PARTY_CLIENT, SETTINGS, type Settings } from '../settings.js';

/** The first half of an advisory lock's key; the second is the client's. */
const CLIENT_LOCKS = 52_824;

function lockKey(clientId: string): number {
  return createHash('sha256').update(clientId).digest().readInt32BE();
}

/**
 * Which clients there are, and their secrets, the configuration says: what is taken out of it is
 * gone at the next start, on every replica. The database holds what was revoked.
 */
@Injectable()
export class ClientStore {
  constructor(
    private readonly dataSource: DataSource,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  exists(clientId: string): boolean {
    return this.isPublic(clientId) || this.#secretsOf(clientId).length > 0;
  }

  /** Has no secret, and so proves nothing but what its tokens prove. */
  isPublic(clientId: string): boolean {
    return clientId === FIRST_PARTY_CLIENT;
  }

  /** Compares in constant time; a client that does not exist takes as long as a wrong secret. */
  async authenticates(clientId: string, secret: string): Promise<boolean> {
    const given = createHash('sha256').update(secret).digest();
    const revoked = await this.#revokedSecrets(clientId);
    const known = this.#secretsOf(clientId).filter((hash) => !revoked.includes(hash));
    const candidates = known.length > 0 ? known : ['0'.repeat(64)];
    const matches = candidates.map((hash) => timingSafeEqual(given, Buffer.from(hash, 'hex')));
    return matches.includes(true) && known.length > 0;
  }

  /**
   * Keeps a client from being revoked until the transaction ends. An advisory lock, because every
   * log-in and refresh takes it: a row lock would write to the one row of the client each time.
   */
  async holdSteady(manager: EntityManager, clientId: string): Promise<void> {
    await manager.query('SELECT pg_advisory_xact_lock_shared($1, $2)', [
      CLIENT_LOCKS,
      lockKey(clientId),
    ]);
  }

  /** Waits for everybody who holds the client steady, and keeps new ones waiting. */
  async lock(manager: EntityManager, clientId: string): Promise<void> {
    await manager.query('SELECT pg_advisory_xact_lock($1, $2)', [CLIENT_LOCKS, lockKey(clientId)]);
  }

  /**
   * @param validFrom `before` of the revocation, NumericDate in seconds. Its secrets are void as
   * well; a new one in the configuration brings the client back.
   */
  async setRevoked(manager: EntityManager, clientId: string, validFrom: number): Promise<void> {
    await manager.query(
      `INSERT INTO clients (id, tokens_valid_from, revoked_secrets) VALUES ($1, $2, $3)
       ON CONFLICT (id) DO UPDATE
       SET tokens_valid_from = excluded.tokens_valid_from,
           revoked_secrets = clients.revoked_secrets || excluded.revoked_secrets`,
      [clientId, validFrom, this.#secretsOf(clientId)],
    );
  }

  #secretsOf(clientId: string): string[] {
    const { oauthClients } = this.settings;
    return oauthClients
      .filter((client) => client.clientId === clientId)
      .map(({ secretSha256 }) => secretSha256);
  }

  async #revokedSecrets(clientId: string): Promise<string[]> {
    const rows = await this.dataSource.query<{ revoked_secrets: string[] }[]>(
      'SELECT revoked_secrets FROM clients WHERE id = $1',
      [clientId],
    );
    return rows[0]?.revoked_secrets ?? [];
  }
}
