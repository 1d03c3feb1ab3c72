import type { AuditEventReply, AuditListReply, AuditPageQuery } from '@latchkey/contracts/auth-api';
import { pageOf } from '@latchkey/service-kit';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { AuditEventEntity } from './audit-event.entity.js';
import { firstIdAt } from './event-id.js';

/** Reads the audit trail. */
@Injectable()
export class AuditQuery {
  constructor(
    @InjectRepository(AuditEventEntity) private readonly events: Repository<AuditEventEntity>,
  ) {}

  /** The newest events first. Ids contain their time, so one index serves the order and the times. */
  async page({ limit, after, since, until, ...equal }: AuditPageQuery): Promise<AuditListReply> {
    const query = this.events
      .createQueryBuilder('entry')
      .where(withoutUndefined(equal))
      .orderBy('entry.id', 'DESC')
      .limit(limit + 1);
    if (after !== undefined) query.andWhere('entry.id < :after', { after });
    if (since !== undefined) query.andWhere('entry.id >= :first', { first: idAt(since) });
    if (until !== undefined) query.andWhere('entry.id < :end', { end: idAt(until) });
    const { items, next } = pageOf(await query.getMany(), limit);
    return { events: items.map(describe), ...next };
  }
}

const idAt = (time: string) => firstIdAt(Date.parse(time));

const withoutUndefined = <Value extends object>(value: Value) =>
  Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined));

function describe({ id, at, event, details, ...optional }: AuditEventEntity): AuditEventReply {
  const present = Object.entries(optional).filter(([, value]) => value !== null);
  return { id, at: at.toISOString(), event, ...Object.fromEntries(present), details };
}
