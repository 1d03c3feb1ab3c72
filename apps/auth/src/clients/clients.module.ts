import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ClientAuthentication } from './client-authentication.js';
import { ClientStore } from './client-store.js';
import { ClientEntity } from './client.entity.js';

/** OAuth clients and their authentication. */
@Module({
  imports: [TypeOrmModule.forFeature([ClientEntity])],
  providers: [ClientAuthentication, ClientStore],
  exports: [ClientAuthentication, ClientStore],
})
export class ClientsModule {}
