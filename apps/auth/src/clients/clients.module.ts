import { Module } from '@nestjs/common';
import { ClientAuthentication } from './client-authentication.js';
import { ClientStore } from './client-store.js';

/** OAuth clients, and how they authenticate. */
@Module({
  providers: [ClientAuthentication, ClientStore],
  exports: [ClientAuthentication, ClientStore],
})
export class ClientsModule {}
