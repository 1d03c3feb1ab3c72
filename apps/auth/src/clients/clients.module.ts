import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ClientAssertions } from './client-assertions.js';
import { ClientAuthentication } from './client-authentication.js';
import { ClientDirectory } from './client-directory.js';
import { ClientCredentialEntity } from './client-credential.entity.js';
import { ClientStore } from './client-store.js';
import { ClientEntity } from './client.entity.js';
import { ManagedClientEntity } from './managed-client.entity.js';
import { ManagedClients } from './managed-clients.js';
import { UsedAssertionEntity } from './used-assertion.entity.js';

/** OAuth clients and their authentication. */
@Module({
  imports: [
    TypeOrmModule.forFeature([
      ClientEntity,
      ManagedClientEntity,
      ClientCredentialEntity,
      UsedAssertionEntity,
    ]),
  ],
  providers: [ClientAssertions, ClientAuthentication, ClientDirectory, ClientStore, ManagedClients],
  exports: [ClientAuthentication, ClientDirectory, ClientStore, ManagedClients],
})
export class ClientsModule {}
