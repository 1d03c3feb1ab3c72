import { Module } from '@nestjs/common';
import { ClientsModule } from '../clients/clients.module.js';
import { SnapshotQuery } from './snapshot-query.js';
import { SnapshotStore } from './snapshot-store.js';
import { SnapshotController } from './snapshot.controller.js';

@Module({
  imports: [ClientsModule],
  controllers: [SnapshotController],
  providers: [SnapshotQuery, SnapshotStore],
})
export class SnapshotModule {}
