import { AuditListReply, AuditPageQuery } from '@latchkey/contracts/auth-api';
import { Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { AuditQuery } from '../platform/audit/audit-query.js';
import { AdminRoutes } from './admin-routes.js';

@AdminRoutes('audit')
export class AuditController {
  constructor(private readonly trail: AuditQuery) {}

  @Get()
  @ApiOperation({
    summary: 'Read the audit trail, the newest event first',
    description:
      'Events appear within about a second. They are kept for `AUDIT_RETENTION_DAYS`. If there were too many at ' +
      'once, `events_dropped` says how many are in the log only.',
  })
  @ApiOkResponse({ standardSchema: AuditListReply })
  list(@Query({ schema: AuditPageQuery }) page: AuditPageQuery): Promise<AuditListReply> {
    return this.trail.page(page);
  }
}
