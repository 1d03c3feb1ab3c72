import type { ClientReply } from '@latchkey/contracts/auth-api';
import { notFound } from '@latchkey/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, Repository } from 'typeorm';
import { idEqualTo } from '../platform/ids/id-equal-to.js';
import { SETTINGS, type Settings } from '../platform/settings.js';
import { configuredClientReply, managedClientReply } from './client-reply.js';
import { ClientEntity } from './client.entity.js';
import { withManaged } from './managed-client-query.js';
import { registeredClient } from './registered-client.js';

/** Describes the clients of the configuration and the managed ones, for administrators. */
@Injectable()
export class ClientDirectory {
  readonly #configuredIds: readonly string[];

  constructor(
    @InjectRepository(ClientEntity) private readonly clients: Repository<ClientEntity>,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {
    this.#configuredIds = [...new Set(settings.oauthClients.map(({ clientId }) => clientId))];
  }

  async list(): Promise<ClientReply[]> {
    const rows = await withManaged(this.clients.createQueryBuilder('client'))
      .where('managed.id IS NOT NULL')
      .orWhere({ id: In([...this.#configuredIds]) })
      .getMany();
    const rowOf = new Map<string, ClientEntity>(rows.map((row) => [row.id, row]));
    return [...new Set([...this.#configuredIds, ...rowOf.keys()])]
      .sort()
      .flatMap((id) => this.#describe(id, rowOf.get(id)) ?? []);
  }

  /** @throws ProblemError 404 */
  async get(id: string): Promise<ClientReply> {
    const row = await withManaged(this.clients.createQueryBuilder('client'))
      .where({ id: idEqualTo(id) })
      .getOne();
    const described = this.#describe(id, row ?? undefined);
    if (!described) throw notFound('client');
    return described;
  }

  #describe(id: string, row: ClientEntity | undefined): ClientReply | undefined {
    if (!this.#configuredIds.includes(id))
      return row?.managed ? managedClientReply(row.managed) : undefined;
    const entries = this.settings.oauthClients.filter(({ clientId }) => clientId === id);
    return configuredClientReply(id, registeredClient(entries, row ?? null, this.settings));
  }
}
