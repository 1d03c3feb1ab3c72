import { Module } from '@nestjs/common';
import { OAuthModule } from '../oauth/oauth.module.js';
import { SnapshotQuery } from './snapshot-query.js';
import { SnapshotStore } from './snapshot-store.js';
import { SnapshotController } from './snapshot.controller.js';

@Module({
  imports: [OAuthModule],
  controllers: [SnapshotController],
  providers: [SnapshotQuery, SnapshotStore],
})
export class SnapshotModule {}
