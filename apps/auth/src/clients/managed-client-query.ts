import type { SelectQueryBuilder } from 'typeorm';
import { ClientCredentialEntity } from './client-credential.entity.js';
import type { ClientEntity } from './client.entity.js';
import { ManagedClientEntity } from './managed-client.entity.js';

/** Adds a client's `managed` part and its credentials to a query of the table `clients AS client`. */
export const withManaged = (query: SelectQueryBuilder<ClientEntity>) =>
  query
    .leftJoinAndMapOne('client.managed', ManagedClientEntity, 'managed', 'managed.id = client.id')
    .leftJoinAndMapMany(
      'managed.credentials',
      ClientCredentialEntity,
      'credential',
      'credential.client_id = managed.id',
    )
    .addOrderBy('credential.created_at')
    .addOrderBy('credential.id');
