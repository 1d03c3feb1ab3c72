import { Global, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuditEventEntity } from './audit-event.entity.js';
import { AuditLog } from './audit-log.js';
import { AuditQuery } from './audit-query.js';
import { AuditTrail } from './audit-trail.js';

/** Records who did what: in the log, and in a table for administrators. */
@Global()
@Module({
  imports: [TypeOrmModule.forFeature([AuditEventEntity])],
  providers: [AuditLog, AuditQuery, AuditTrail],
  exports: [AuditLog, AuditQuery],
})
export class AuditModule {}
