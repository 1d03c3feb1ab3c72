import type { AuditEventName } from '@latchkey/contracts/auth-api';
import {
  currentRequestId,
  DatabaseConnector,
  isDatabaseUnavailable,
  LOGGER,
  MetricsRegistry,
  RepeatedWork,
} from '@latchkey/service-kit';
import {
  Inject,
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { Logger } from 'pino';
import { DataSource } from 'typeorm';
import { ServiceClock } from '../clock/service-clock.js';
import { FailureLog } from '../failure-log.js';
import { RELAY } from '../relay-database.js';
import type { AuditEvent } from './audit-event.js';
import { eventIdAt } from './event-id.js';
import { DroppedEvents } from './dropped-events.js';
import { TrailLimits } from './trail-limits.js';

/** About 5 MB. */
const MAX_WAITING = 10_000;
const BATCH = 500;
const PAUSE_SECONDS = 0.5;

interface Row {
  readonly id: string;
  readonly at: string;
  readonly event: AuditEventName;
  readonly subject: string | null;
  readonly client: string | null;
  readonly by: string | null;
  readonly address: string | null;
  readonly request_id: string | null;
  readonly details: object;
}

/** A batch that was stored before its acknowledgement got lost is sent again, with the same ids. */
const INSERT = `
  INSERT INTO audit_events (id, at, event, subject, client, by, address, request_id, details)
  SELECT id, at, event, subject, client, by, address, request_id, details
  FROM jsonb_populate_recordset(NULL::audit_events, $1) ON CONFLICT (id) DO NOTHING`;

/**
 * Stores audit events for administrators, in batches and next to the requests, which neither wait for them nor need
 * further statements (ADR 0056). The log has the complete record. Raw SQL lets one parameter hold any number of rows.
 */
@Injectable()
export class AuditTrail implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #waiting: Row[] = [];
  readonly #limits = new TrailLimits();
  readonly #dropped = new DroppedEvents();
  readonly #failure = new FailureLog();
  readonly #work = new RepeatedWork(() => this.#round());

  constructor(
    @InjectDataSource(RELAY) private readonly dataSource: DataSource,
    private readonly database: DatabaseConnector,
    private readonly clock: ServiceClock,
    metrics: MetricsRegistry,
    @Inject(LOGGER) private readonly log: Logger,
  ) {
    metrics.counter(
      'latchkey_audit_events_not_stored_total',
      'Audit events that are only in the log, because there were too many of them',
      () => this.#dropped.total,
    );
  }

  onApplicationBootstrap(): void {
    this.#work.startWith(this.database, PAUSE_SECONDS);
  }

  /** Runs before the database is closed. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.#work.close();
    this.#addDropped(true);
    while (this.#waiting.length > 0 && (await this.#store()));
  }

  /** Never throws, and never waits. */
  add(event: AuditEvent, fields: object, address: string | undefined): void {
    const row = this.#rowOf(event, fields, address);
    if (this.#waiting.length < MAX_WAITING && this.#limits.admits({ ...row, event }))
      this.#waiting.push(row);
    else this.#dropped.note(event);
  }

  #rowOf(event: AuditEventName, fields: object, address?: string): Row {
    const at = this.clock.now();
    const { subject, client, by, ...details } = fields as Partial<Record<string, string>>;
    return {
      id: eventIdAt(at),
      at: new Date(at).toISOString(),
      event,
      ...{ subject: subject ?? null, client: client ?? null, by: by ?? null },
      address: address ?? null,
      request_id: currentRequestId() ?? null,
      details,
    };
  }

  async #round(): Promise<number> {
    this.#addDropped(false);
    const isMore = this.#waiting.length > BATCH;
    return (await this.#store()) && isMore ? 0 : PAUSE_SECONDS;
  }

  #addDropped(isLast: boolean): void {
    for (const dropped of this.#dropped.take(isLast))
      this.#waiting.push(this.#rowOf('events_dropped', dropped));
  }

  /** @returns false if the batch has to be tried again */
  async #store(): Promise<boolean> {
    const batch = this.#waiting.slice(0, BATCH);
    if (batch.length === 0) return true;
    try {
      await this.dataSource.query(INSERT, [JSON.stringify(batch)]);
      if (this.#failure.clear()) this.log.info('audit events are stored again');
    } catch (err) {
      this.#failure.note(err, () => this.log.warn({ err }, 'audit events cannot be stored'));
      if (isDatabaseUnavailable(err)) return false;
      // It would fail again and again, and keep all later ones from being stored.
      for (const { event } of batch) if (event !== 'events_dropped') this.#dropped.note(event);
    }
    this.#waiting.splice(0, batch.length);
    return true;
  }
}
