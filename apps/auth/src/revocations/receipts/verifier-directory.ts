import {
  RECEIPT_REQUEST_SUBJECT,
  VERIFIER_REPORT_SUBJECTS,
  VerifierReport,
  verifierReportSubject,
  type ReceiptRequest,
} from '@latchkey/contracts';
import { LOGGER, MetricsRegistry } from '@latchkey/service-kit';
import type { NatsConnection, Subscription } from '@nats-io/transport-node';
import { Inject, Injectable } from '@nestjs/common';
import { EventEmitter } from 'node:events';
import type { Logger } from 'pino';
import { ReceiptsLink } from './receipts-link.js';
import { ReportingUser } from './reporting-user.js';

/** Caps memory. Reports can carry made-up user names only if the NATS server runs without accounts. */
const MAX_USERS = 100;
const MAX_REPORT_BYTES = 256;
/** How long a flooding user is unsubscribed. Merely discarding its reports would cost as much as reading them. */
const MUTED_MILLISECONDS = 5_000;
const REPORT = 'report';
const REPORT_NOW: ReceiptRequest = { serial: 0, withinMilliseconds: 0 };

/** The known verifiers and the progress that each reports. Every replica receives all reports. */
@Injectable()
export class VerifierDirectory {
  readonly #users = new Map<string, ReportingUser>();
  /** Users that have been logged for reporting too many verifiers. */
  readonly #full = new Set<string>();
  readonly #events = new EventEmitter().setMaxListeners(0);
  /** Users that are muted because they exceeded the rate limit. */
  readonly #muted = new Set<string>();
  #connection: NatsConnection | undefined;
  #subscriptions: Subscription[] = [];

  constructor(
    link: ReceiptsLink,
    metrics: MetricsRegistry,
    @Inject(LOGGER) private readonly log: Logger,
  ) {
    link.onConnected((connection) => this.#adoptConnection(connection));
    metrics.gauge(
      'latchkey_verifiers_known',
      'Verifiers that have reported recently',
      () => this.known().size,
    );
  }

  /** The serial up to which each verifier has applied all revocations, by verifier name. */
  known(): ReadonlyMap<string, number> {
    this.#forgetSilent();
    return new Map([...this.#users.values()].flatMap((user) => user.known));
  }

  /** Asks all verifiers to report once they have applied everything up to a serial. */
  ask(request: ReceiptRequest): void {
    if (this.#connection?.isClosed() === false)
      this.#connection.publish(RECEIPT_REQUEST_SUBJECT, JSON.stringify(request));
  }

  /**
   * Calls the listener with a verifier's name and serial, or without a serial if the verifier is leaving.
   *
   * @returns a function that removes the listener
   */
  onReport(listener: (name: string, through?: number) => void): () => void {
    this.#events.on(REPORT, listener);
    return () => this.#events.off(REPORT, listener);
  }

  #adoptConnection(connection: NatsConnection): void {
    // The NATS client keeps its subscriptions across reconnections.
    if (connection !== this.#connection) {
      this.#connection = connection;
      this.#subscriptions = [];
      this.#listen();
    }
    this.ask(REPORT_NOW);
  }

  /** While a user is muted, subscribes to each other user, because NATS cannot exclude one from a wildcard. */
  #listen(): void {
    const connection = this.#connection;
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
    if (!connection || connection.isClosed()) return;
    const heard = [...this.#users.keys()].filter((user) => !this.#muted.has(user));
    const subjects =
      this.#muted.size === 0
        ? [VERIFIER_REPORT_SUBJECTS]
        : heard.flatMap((user) => verifierReportSubject(user, '*') ?? []);
    this.#subscriptions = subjects.map((subject) =>
      connection.subscribe(subject, {
        callback: (error, message) => {
          if (!error) this.#take(message.subject, message.data);
        },
      }),
    );
  }

  #mute(user: string): void {
    if (this.#muted.has(user)) return;
    this.#muted.add(user);
    this.#listen();
    this.log.warn({ user }, 'a NATS user floods this service with reports: ignoring it for 5 s');
    setTimeout(() => {
      this.#muted.delete(user);
      this.#listen();
      this.ask(REPORT_NOW);
    }, MUTED_MILLISECONDS).unref();
  }

  #take(name: string, data: Uint8Array): void {
    const user = this.#userOf(name);
    if (!user) return;
    if (!user.admits()) return this.#mute(userIn(name));
    const report = readReport(data);
    if (!report) return;
    const { leaving, through } = report;
    if (leaving) {
      user.forget(name);
      this.#events.emit(REPORT, name);
    } else if (user.note(name, through)) this.#events.emit(REPORT, name, through);
    else this.#noteFull(userIn(name));
  }

  #userOf(name: string): ReportingUser | undefined {
    const key = userIn(name);
    const known = this.#users.get(key);
    if (known) return known;
    if (this.#users.size >= MAX_USERS) return undefined;
    const user = new ReportingUser();
    this.#users.set(key, user);
    return user;
  }

  #forgetSilent(): void {
    for (const [key, user] of this.#users) {
      user.forgetSilent();
      if (user.size > 0) continue;
      this.#users.delete(key);
      this.#full.delete(key);
    }
  }

  #noteFull(user: string): void {
    if (this.#full.has(user)) return;
    this.#full.add(user);
    this.log.warn(
      { user },
      'a NATS user reports more verifiers than the limit: its credentials may have been stolen',
    );
  }
}

/** Extracts the user from `latchkey.verifiers.<user>.<id>`, the only part that NATS authenticates. */
function userIn(name: string): string {
  return name.split('.')[2] ?? '';
}

/** Must stay cheap for any input. @returns undefined if the data is not a report */
function readReport(data: Uint8Array): VerifierReport | undefined {
  if (data.byteLength > MAX_REPORT_BYTES) return undefined;
  try {
    return VerifierReport.safeParse(JSON.parse(Buffer.from(data).toString())).data;
  } catch {
    return undefined; // not JSON
  }
}
