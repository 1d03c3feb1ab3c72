import {
  MAX_CLIENT_CREDENTIALS,
  type ClientChangeRequest,
  type ClientReply,
  type NewClientReply,
  type NewClientRequest,
  type NewCredentialReply,
  type NewCredentialRequest,
} from '@latchkey/contracts/auth-api';
import { notFound, returnedEntities } from '@latchkey/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository, type EntityManager } from 'typeorm';
import { idEqualTo } from '../platform/ids/id-equal-to.js';
import type { ClientId } from '../platform/ids/stored-id.js';
import { FIRST_PARTY_CLIENT, SETTINGS, type Settings } from '../platform/settings.js';
import { ClientCredentialEntity } from './client-credential.entity.js';
import { credentialReply } from './client-reply.js';
import { ClientDirectory } from './client-directory.js';
import { ClientStore } from './client-store.js';
import { ClientEntity } from './client.entity.js';
import { ManagedClientEntity } from './managed-client.entity.js';
import { managedExchange, managedScopes } from './managed-policy.js';
import * as problem from './managed-client-problems.js';
import { newKey, newSecret, type NewCredential } from './new-credential.js';

/** Clients that administrators add, change and remove while the service runs. */
@Injectable()
export class ManagedClients {
  constructor(
    @InjectRepository(ManagedClientEntity)
    private readonly managed: Repository<ManagedClientEntity>,
    private readonly directory: ClientDirectory,
    private readonly clients: ClientStore,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /** @throws ProblemError 400, or 409 if a client already has this id, ignoring case */
  async create({
    clientId: id,
    scopes,
    exchange,
    jwks,
  }: NewClientRequest): Promise<NewClientReply> {
    this.#refuseConfigured(id);
    if (this.#isTaken(id)) throw problem.clientExists();
    const policy = {
      scopes: managedScopes(scopes, this.settings),
      exchange: managedExchange(exchange, this.settings),
    };
    const credentials = jwks ? jwks.keys.map(newKey) : [newSecret()];
    await this.managed.manager.transaction(async (manager) => {
      const client = await this.#insert(manager, id, policy);
      for (const credential of credentials) await this.#addCredential(manager, client, credential);
    });
    return { ...(await this.directory.get(id)), ...secretOf(credentials) };
  }

  /** @throws ProblemError 400, 404 or 409 */
  async change(id: string, { scopes, exchange }: ClientChangeRequest): Promise<ClientReply> {
    this.#refuseConfigured(id);
    const changes = {
      ...(scopes && { scopes: managedScopes(scopes, this.settings) }),
      ...(exchange && { exchange: managedExchange(exchange, this.settings) }),
    };
    const { affected } = await this.managed.update({ id: idEqualTo(id) }, changes);
    if (affected === 0) throw notFound('client');
    return this.directory.get(id);
  }

  /** @throws ProblemError 400, 404, or 409 for a third credential, or a key that was revoked */
  async addCredential(id: string, { jwk }: NewCredentialRequest): Promise<NewCredentialReply> {
    this.#refuseConfigured(id);
    const credential = jwk ? newKey(jwk) : newSecret();
    const added = await this.managed.manager.transaction(async (manager) =>
      this.#addCredential(manager, await this.#lock(manager, id), credential),
    );
    return { ...credentialReply(added), ...secretOf([credential]) };
  }

  /** Tokens that the client got with it stay valid until they expire. @throws ProblemError 404 or 409 */
  async removeCredential(id: string, credentialId: string): Promise<void> {
    this.#refuseConfigured(id);
    const { affected } = await this.managed.manager.delete(ClientCredentialEntity, {
      clientId: idEqualTo(id),
      id: credentialId,
    });
    if (affected === 0) throw notFound('credential');
  }

  /**
   * Forgets the client and voids its credentials. The caller then revokes its tokens; until that is
   * complete, the call can be repeated.
   *
   * @throws ProblemError 404 or 409
   */
  async remove(id: string): Promise<ClientId> {
    this.#refuseConfigured(id);
    const clientId = await this.clients.find(id);
    if (clientId === undefined) throw notFound('client');
    await this.managed.manager.transaction(async (manager) => {
      // A credential that is being added commits before this lock is granted, and is voided as well.
      await manager.findOne(ManagedClientEntity, {
        where: { id: clientId },
        lock: { mode: 'pessimistic_write' },
      });
      await this.clients.voidCredentials(clientId, manager);
      await manager.delete(ManagedClientEntity, { id: clientId });
    });
    return clientId;
  }

  #refuseConfigured(id: string): void {
    if (this.clients.isConfigured(id) || this.clients.isPublic(id))
      throw problem.clientIsConfigured();
  }

  #isTaken(id: string): boolean {
    const folded = id.toLowerCase();
    const ids = [FIRST_PARTY_CLIENT, ...this.settings.oauthClients.map(({ clientId }) => clientId)];
    return ids.some((other) => other.toLowerCase() === folded);
  }

  async #insert(
    manager: EntityManager,
    id: string,
    policy: Pick<ManagedClientEntity, 'scopes' | 'exchange'>,
  ): Promise<ManagedClientEntity> {
    const insert = (into: typeof ClientEntity | typeof ManagedClientEntity, values: object) =>
      manager
        .createQueryBuilder()
        .insert()
        .into(into)
        .values(values)
        .orIgnore()
        .returning('*')
        .updateEntity(false)
        .execute();
    // A removed client of the same id has left this row, which dates its tokens.
    await insert(ClientEntity, { id, tokensValidFrom: 0 });
    const foldedId = id.toLowerCase();
    const inserted = await insert(ManagedClientEntity, { id, foldedId, ...policy });
    const [client] = returnedEntities(manager.getRepository(ManagedClientEntity), inserted);
    if (!client) throw problem.clientExists();
    return client;
  }

  async #lock(manager: EntityManager, id: string): Promise<ManagedClientEntity> {
    const lock = { mode: 'pessimistic_write' } as const;
    const where = { id: idEqualTo(id) };
    const client = await manager.findOne(ManagedClientEntity, { where, lock });
    if (!client) throw notFound('client');
    return client;
  }

  /** The caller has locked the client, so that the number of its credentials cannot change meanwhile. */
  async #addCredential(
    manager: EntityManager,
    { id }: ManagedClientEntity,
    { secretSha256, jwk, keyThumbprint }: NewCredential,
  ): Promise<ClientCredentialEntity> {
    const { revokedKeys } = await manager.findOneByOrFail(ClientEntity, { id });
    const existing = await manager.findBy(ClientCredentialEntity, { clientId: id });
    if (keyThumbprint !== null) {
      if (revokedKeys.includes(keyThumbprint)) throw problem.keyWasRevoked();
      if (existing.some((other) => other.keyThumbprint === keyThumbprint))
        throw problem.credentialExists();
    }
    if (existing.length >= MAX_CLIENT_CREDENTIALS) throw problem.tooManyCredentials();
    return manager.save(
      manager.create(ClientCredentialEntity, { clientId: id, secretSha256, jwk, keyThumbprint }),
    );
  }
}

function secretOf(credentials: readonly NewCredential[]): Pick<NewClientReply, 'clientSecret'> {
  const [clientSecret] = credentials.flatMap((credential) => credential.clientSecret ?? []);
  return clientSecret === undefined ? {} : { clientSecret };
}
