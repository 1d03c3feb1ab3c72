import { LOGGER, MetricsRegistry } from '@latchkey/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { currentAddress } from '../admission/sender.js';
import { AuditTrail } from './audit-trail.js';
import { AUDIT_EVENTS, AUDIT_MESSAGES, type AuditEvent, type AuditEvents } from './audit-event.js';

/**
 * Logs who did what, in lines with a field `audit`, counts the events, and adds them to the trail. Call it once the act is committed or
 * refused. Each line has the address of the current request, in the form that rate limits use.
 */
@Injectable()
export class AuditLog {
  readonly #count: (event: AuditEvent) => void;

  constructor(
    metrics: MetricsRegistry,
    private readonly trail: AuditTrail,
    @Inject(LOGGER) private readonly log: Pick<Logger, 'info'>,
  ) {
    this.#count = metrics.events(
      'latchkey_audit_events_total',
      'Audit events, which the log describes',
      AUDIT_EVENTS,
    );
  }

  record<Event extends AuditEvent>(event: Event, details: AuditEvents[Event]): void {
    this.#count(event);
    const address = currentAddress();
    const line: object = { audit: event, ...details, address };
    this.log.info(line, AUDIT_MESSAGES[event]);
    this.trail.add(event, details, address);
  }
}
