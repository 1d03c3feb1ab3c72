import { Inject, Injectable } from '@nestjs/common';
import { createHash, timingSafeEqual } from 'node:crypto';
import { DataSource, type EntityManager } from 'typeorm';
import type { ClientId } from '../platform/ids/stored-id.js';
import { ServiceClock } from '../platform/clock/service-clock.js';
import {
  FIRST_PARTY_CLIENT,
  SETTINGS,
  type ConfiguredClient,
  type Settings,
} from '../platform/settings.js';

/** The first half of an advisory lock's key; the second is the client's. */
const CLIENT_LOCKS = 52_824;

function lockKey(clientId: string): number {
  return createHash('sha256').update(clientId).digest().readInt32BE();
}

/** What the record says about a client, and when it was asked. */
export interface ClientStanding {
  /** NumericDate in seconds; 0 for a client that was never revoked. */
  readonly tokensValidFrom: number;
  /** The service's clock before it looked, in milliseconds since 1970. */
  readonly asOf: number;
}

interface StandingRow {
  tokens_valid_from: number;
  revoked_secrets: string[];
}

/**
 * Which clients there are, and their secrets, the configuration says: what is taken out of it is
 * gone at the next start, on every replica. The database holds what was revoked.
 */
@Injectable()
export class ClientStore {
  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: ServiceClock,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /** The client whose id this is, letter by letter. */
  find(text: string): ClientId | undefined {
    // eslint-disable-next-line no-restricted-syntax -- the configuration has these very letters
    return this.#exists(text) ? (text as ClientId) : undefined;
  }

  #exists(clientId: string): boolean {
    return this.isPublic(clientId) || this.#secretsOf(clientId).length > 0;
  }

  /** Has no secret, and so proves nothing but what its tokens prove. */
  isPublic(clientId: string): boolean {
    return clientId === FIRST_PARTY_CLIENT;
  }

  /** What a client's own tokens may carry: whatever any of its entries says. */
  scopesOf(clientId: string): ReadonlySet<string> {
    return new Set(this.#entriesOf(clientId).flatMap(({ scopes }) => scopes));
  }

  /** The services that a client may exchange a user's token for: whatever any of its entries says. */
  exchangeAudiencesOf(clientId: string): ReadonlySet<string> {
    return new Set(this.#entriesOf(clientId).flatMap(({ exchange }) => exchange));
  }

  /**
   * Compares in constant time; a client that does not exist takes as long as a wrong secret.
   *
   * @returns undefined when it is not that client, or its secret is void
   */
  async authenticate(clientId: string, secret: string): Promise<ClientStanding | undefined> {
    const given = createHash('sha256').update(secret).digest();
    const known = this.#secretsOf(clientId);
    const candidates = known.length > 0 ? known : ['0'.repeat(64)];
    const matching = candidates.filter((hash) => timingSafeEqual(given, Buffer.from(hash, 'hex')));
    // A stranger's guess is not worth a question to the database.
    if (matching.length === 0) return undefined;
    const asOf = this.clock.now();
    const row = await this.#standingOf(clientId);
    if (known.length === 0 || matching.every((hash) => row.revoked_secrets.includes(hash)))
      return undefined;
    return { tokensValidFrom: row.tokens_valid_from, asOf };
  }

  /** `before` of the client's last revocation, 0 when there was none. */
  async tokensValidFrom(clientId: string, manager?: EntityManager): Promise<number> {
    return (await this.#standingOf(clientId, manager)).tokens_valid_from;
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
   * To be committed before the revocation is written: whoever still got in with one of these secrets
   * then looked before that, and its token's `iat` is covered (see `ClientCredentialsService`). A new
   * secret in the configuration brings the client back.
   */
  async voidSecrets(clientId: ClientId): Promise<void> {
    await this.dataSource.query(
      `INSERT INTO clients (id, tokens_valid_from, revoked_secrets) VALUES ($1, 0, $2)
       ON CONFLICT (id) DO UPDATE
       SET revoked_secrets = ARRAY(
         SELECT DISTINCT unnest(clients.revoked_secrets || excluded.revoked_secrets))`,
      [clientId, this.#secretsOf(clientId)],
    );
  }

  /** @param validFrom `before` of the revocation, NumericDate in seconds. */
  async setTokensValidFrom(
    manager: EntityManager,
    clientId: ClientId,
    validFrom: number,
  ): Promise<void> {
    await manager.query('UPDATE clients SET tokens_valid_from = $2 WHERE id = $1', [
      clientId,
      validFrom,
    ]);
  }

  #entriesOf(clientId: string): ConfiguredClient[] {
    return this.settings.oauthClients.filter((client) => client.clientId === clientId);
  }

  #secretsOf(clientId: string): string[] {
    return this.#entriesOf(clientId).map(({ secretSha256 }) => secretSha256);
  }

  /** There is a row also for who was never revoked. Nobody else's name goes to Postgres. */
  async #standingOf(
    clientId: string,
    manager: EntityManager = this.dataSource.manager,
  ): Promise<StandingRow> {
    const [row] = await manager.query<[StandingRow]>(
      `SELECT coalesce(clients.tokens_valid_from, 0)::float8 AS tokens_valid_from,
              coalesce(clients.revoked_secrets, '{}') AS revoked_secrets
       FROM (SELECT) AS always LEFT JOIN clients ON clients.id = $1`,
      [this.#exists(clientId) ? clientId : ''],
    );
    return row;
  }
}
