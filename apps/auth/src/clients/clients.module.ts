import { Module } from '@nestjs/common';
import { ClientAuthentication } from './client-authentication.js';
import { ClientStore } from './client-store.js';

/** OAuth clients and their authentication. */
@Module({
  providers: [ClientAuthentication, ClientStore],
  exports: [ClientAuthentication, ClientStore],
})
export class ClientsModule {}
