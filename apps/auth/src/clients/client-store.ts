import { ClientId as ClientIdSyntax } from '@latchkey/contracts/auth-api';
import { Inject, Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { createHash } from 'node:crypto';
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
import { ClientEntity } from './client.entity.js';
import { configuredClient, registeredClient, type RegisteredClient } from './registered-client.js';
import { withManaged } from './managed-client-query.js';

function lockKey(clientId: string): number {
  return createHash('sha256').update(clientId).digest().readInt32BE();
}

/** The permissions of an authenticated client. */
export interface ClientStanding {
  readonly policy: ClientPolicy;
  /** NumericDate in seconds; 0 for a client that was never revoked. */
  readonly tokensValidFrom: number;
  /** The service's clock just before the read, in milliseconds since 1970. */
  readonly asOf: number;
}

/** A client as one statement read it. Its credentials still have to be compared with those of the request. */
export interface FoundClient extends Pick<RegisteredClient, 'secretsSha256' | 'keys'> {
  readonly standing: ClientStanding;
}

/**
 * Clients of the configuration, and those that administrators manage here (ADR 0045). If the configuration
 * names an id, the rows of that id are ignored. Raw SQL takes advisory locks and merges the lists of revoked
 * credentials.
 */
@Injectable()
export class ClientStore {
  constructor(
    @InjectRepository(ClientEntity) private readonly clients: Repository<ClientEntity>,
    private readonly clock: ServiceClock,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /** Matches the id exactly, including case. Finds removed clients as well, whose tokens may still live. */
  async find(text: string): Promise<ClientId | undefined> {
    // eslint-disable-next-line no-restricted-syntax -- equal to the id in the configuration
    if (this.isPublic(text) || this.isConfigured(text)) return text as ClientId;
    return (await this.clients.findOneBy({ id: idEqualTo(text) }))?.id;
  }

  /** A public client has no secret and cannot authenticate. */
  isPublic(clientId: string): boolean {
    return clientId === FIRST_PARTY_CLIENT;
  }

  isConfigured(clientId: string): boolean {
    return this.#entriesOf(clientId).length > 0;
  }

  /**
   * Returns a client of the configuration, or undefined. Its credentials may have been revoked. This needs no
   * connection to the database, so that wrong guesses do not take one.
   */
  configured(clientId: string): RegisteredClient | undefined {
    const entries = this.#entriesOf(clientId);
    return entries.length > 0 ? configuredClient(entries) : undefined;
  }

  /** Reads a client and its valid credentials in one statement. An unknown client has none. */
  async load(clientId: string): Promise<FoundClient> {
    const id = ClientIdSyntax.safeParse(clientId).data ?? '';
    const asOf = this.clock.now();
    const row = await withManaged(this.clients.createQueryBuilder('client'))
      .where({ id: idEqualTo(id) })
      .getOne();
    const found = registeredClient(this.#entriesOf(clientId), row, this.settings);
    const tokensValidFrom = row?.tokensValidFrom ?? 0;
    return { ...found, standing: { policy: found.policy, tokensValidFrom, asOf } };
  }

  /** `before` of the client's last revocation, or 0 if it was never revoked. */
  async tokensValidFrom(id: ClientId, manager = this.clients.manager): Promise<number> {
    return (await manager.findOneBy(ClientEntity, { id }))?.tokensValidFrom ?? 0;
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
   * Voids all secrets and keys. Must commit before the revocation is written. A client that still
   * authenticates with one of them then did so earlier, and the revocation covers its token's `iat` (see
   * `ClientCredentialsService`). A new secret or key enables the client again.
   */
  async voidCredentials(clientId: ClientId, manager = this.clients.manager): Promise<void> {
    const entries = this.#entriesOf(clientId);
    const secrets = entries.flatMap(({ secretSha256 }) => secretSha256 ?? []);
    const keys = entries.flatMap((entry) => entry.keys.map(({ thumbprint }) => thumbprint));
    await manager.query(
      `WITH voided AS (DELETE FROM client_credentials WHERE client_id = $1 RETURNING key_thumbprint)
       INSERT INTO clients (id, tokens_valid_from, revoked_secrets, revoked_keys)
       VALUES ($1, 0, $2, $3::text[] || ARRAY(
         SELECT key_thumbprint FROM voided WHERE key_thumbprint IS NOT NULL))
       ON CONFLICT (id) DO UPDATE
       SET revoked_secrets = ARRAY(
             SELECT DISTINCT unnest(clients.revoked_secrets || excluded.revoked_secrets)),
           revoked_keys = ARRAY(
             SELECT DISTINCT unnest(clients.revoked_keys || excluded.revoked_keys))`,
      [clientId, secrets, keys],
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
}
