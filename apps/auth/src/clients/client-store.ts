import { Inject, Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { createHash, timingSafeEqual } from 'node:crypto';
import { Repository, type EntityManager } from 'typeorm';
import { CLIENT_LOCKS } from '../platform/advisory-locks.js';
import { idEqualTo } from '../platform/ids/id-equal-to.js';
import type { ClientId } from '../platform/ids/stored-id.js';
import { ServiceClock } from '../platform/clock/service-clock.js';
import {
  FIRST_PARTY_CLIENT,
  SETTINGS,
  type ClientPolicy,
  type ConfiguredClient,
  type Settings,
} from '../platform/settings.js';
import { unitedPolicy } from './client-policy.js';
import { ClientEntity } from './client.entity.js';

function lockKey(clientId: string): number {
  return createHash('sha256').update(clientId).digest().readInt32BE();
}

/** What an authenticated client may do. */
export interface ClientStanding {
  readonly policy: ClientPolicy;
  /** NumericDate in seconds; 0 for a client that was never revoked. */
  readonly tokensValidFrom: number;
  /** The service's clock just before the read, in milliseconds since 1970. */
  readonly asOf: number;
}

type Revoked = Pick<ClientEntity, 'tokensValidFrom' | 'revokedSecrets'>;
const NEVER_REVOKED: Revoked = { tokensValidFrom: 0, revokedSecrets: [] };

/**
 * Clients and their secrets come from the configuration, so removing one takes effect at the next
 * start. The database only records revocations. Raw SQL takes advisory locks, and unites the revoked secrets.
 */
@Injectable()
export class ClientStore {
  constructor(
    @InjectRepository(ClientEntity) private readonly revoked: Repository<ClientEntity>,
    private readonly clock: ServiceClock,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /** Matches the id exactly, including case. */
  find(text: string): ClientId | undefined {
    // eslint-disable-next-line no-restricted-syntax -- equal to the id in the configuration
    return this.#exists(text) ? (text as ClientId) : undefined;
  }

  #exists(clientId: string): boolean {
    return this.isPublic(clientId) || this.#secretsOf(clientId).length > 0;
  }

  /** A public client has no secret and cannot authenticate. */
  isPublic(clientId: string): boolean {
    return clientId === FIRST_PARTY_CLIENT;
  }

  /**
   * Compares in constant time; an unknown client takes as long as a wrong secret.
   *
   * @returns undefined if the client is unknown, or the secret is wrong or void
   */
  async authenticate(clientId: string, secret: string): Promise<ClientStanding | undefined> {
    const given = createHash('sha256').update(secret).digest();
    const known = this.#secretsOf(clientId);
    const candidates = known.length > 0 ? known : ['0'.repeat(64)];
    const matching = candidates.filter((hash) => timingSafeEqual(given, Buffer.from(hash, 'hex')));
    // A wrong guess must not cost a query.
    if (matching.length === 0) return undefined;
    const asOf = this.clock.now();
    const { tokensValidFrom, revokedSecrets } = await this.#revokedOf(clientId);
    if (known.length === 0 || matching.every((hash) => revokedSecrets.includes(hash)))
      return undefined;
    return { policy: unitedPolicy(this.#entriesOf(clientId)), tokensValidFrom, asOf };
  }

  /** `before` of the client's last revocation, or 0 if it was never revoked. */
  async tokensValidFrom(clientId: string, manager?: EntityManager): Promise<number> {
    return (await this.#revokedOf(clientId, manager)).tokensValidFrom;
  }

  /**
   * Keeps a client from being revoked until the transaction ends. This is an advisory lock because
   * every log-in and refresh takes it, and each row lock would write to the client's single row.
   */
  async lockShared(manager: EntityManager, clientId: string): Promise<void> {
    await manager.query('SELECT pg_advisory_xact_lock_shared($1, $2)', [
      CLIENT_LOCKS,
      lockKey(clientId),
    ]);
  }

  /** The exclusive counterpart of `lockShared`. */
  async lock(manager: EntityManager, clientId: string): Promise<void> {
    await manager.query('SELECT pg_advisory_xact_lock($1, $2)', [CLIENT_LOCKS, lockKey(clientId)]);
  }

  /**
   * Must commit before the revocation is written. A client that still authenticates with one of these
   * secrets then did so earlier, and the revocation covers its token's `iat` (see
   * `ClientCredentialsService`). A new secret in the configuration re-enables the client.
   */
  async voidSecrets(clientId: ClientId): Promise<void> {
    await this.revoked.query(
      `INSERT INTO clients (id, tokens_valid_from, revoked_secrets) VALUES ($1, 0, $2)
       ON CONFLICT (id) DO UPDATE
       SET revoked_secrets = ARRAY(
         SELECT DISTINCT unnest(clients.revoked_secrets || excluded.revoked_secrets))`,
      [clientId, this.#secretsOf(clientId)],
    );
  }

  /** @param validFrom `before` of the revocation, a NumericDate in seconds */
  async setTokensValidFrom(
    manager: EntityManager,
    clientId: ClientId,
    validFrom: number,
  ): Promise<void> {
    await manager.update(ClientEntity, { id: clientId }, { tokensValidFrom: validFrom });
  }

  #entriesOf(clientId: string): ConfiguredClient[] {
    return this.settings.oauthClients.filter((client) => client.clientId === clientId);
  }

  #secretsOf(clientId: string): string[] {
    return this.#entriesOf(clientId).map(({ secretSha256 }) => secretSha256);
  }

  /** Runs the same query for an unknown client, but does not send its id to Postgres. */
  async #revokedOf(
    clientId: string,
    manager: EntityManager = this.revoked.manager,
  ): Promise<Revoked> {
    const id = idEqualTo(this.#exists(clientId) ? clientId : '');
    return (await manager.findOneBy(ClientEntity, { id })) ?? NEVER_REVOKED;
  }
}
