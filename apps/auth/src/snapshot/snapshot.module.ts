import { Module } from '@nestjs/common';
import { ClientsModule } from '../clients/clients.module.js';
import { SnapshotQuery } from './snapshot-query.js';
import { SnapshotStore } from './snapshot-store.js';
import { SnapshotController } from './snapshot.controller.js';

/** Serves a signed snapshot of all live revocations, which verifiers download instead of reading a long stream. */
@Module({
  imports: [ClientsModule],
  controllers: [SnapshotController],
  providers: [SnapshotQuery, SnapshotStore],
})
export class SnapshotModule {}
