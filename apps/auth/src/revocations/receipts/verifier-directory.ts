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

/** Only a server without accounts lets anybody report under the name of another user. */
const MOST_USERS = 100;
const LARGEST_REPORT_BYTES = 256;
/** Reading what is thrown away costs as much as reading anything else, so one that floods is not heard for a while. */
const UNHEARD_MILLISECONDS = 5_000;
const REPORT = 'report';
const REPORT_NOW: ReceiptRequest = { serial: 0, withinMilliseconds: 0 };

/** Which verifiers there are, and how far each says that it has come. Every replica hears them all. */
@Injectable()
export class VerifierDirectory {
  readonly #users = new Map<string, ReportingUser>();
  /** Those whose share is full, and of whom the log says so. */
  readonly #full = new Set<string>();
  readonly #events = new EventEmitter().setMaxListeners(0);
  /** Those that sent more than can be honest, a moment ago. */
  readonly #unheard = new Set<string>();
  #connection: NatsConnection | undefined;
  #subscriptions: Subscription[] = [];

  constructor(
    link: ReceiptsLink,
    metrics: MetricsRegistry,
    @Inject(LOGGER) private readonly log: Logger,
  ) {
    link.onConnected((connection) => this.#meet(connection));
    metrics.gauge(
      'latchkey_verifiers_known',
      'Verifiers that have reported lately',
      () => this.known().size,
    );
  }

  /** Up to which serial number each of them has applied everything, by its name. */
  known(): ReadonlyMap<string, number> {
    this.#forgetSilent();
    return new Map([...this.#users.values()].flatMap((user) => user.known));
  }

  /** Asks all of them to report once they have applied everything up to this number. */
  ask(request: ReceiptRequest): void {
    if (this.#connection?.isClosed() === false)
      this.#connection.publish(RECEIPT_REQUEST_SUBJECT, JSON.stringify(request));
  }

  /** Calls back with a verifier's name and its number, none for one that leaves. @returns what ends that */
  onReport(listener: (name: string, through?: number) => void): () => void {
    this.#events.on(REPORT, listener);
    return () => this.#events.off(REPORT, listener);
  }

  #meet(connection: NatsConnection): void {
    // The client of NATS keeps its subscriptions when it reconnects.
    if (connection !== this.#connection) {
      this.#connection = connection;
      this.#subscriptions = [];
      this.#listen();
    }
    this.ask(REPORT_NOW);
  }

  /** NATS knows no subscription to all but one user: while one is not heard, each other is subscribed to. */
  #listen(): void {
    const connection = this.#connection;
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
    if (!connection || connection.isClosed()) return;
    const heard = [...this.#users.keys()].filter((user) => !this.#unheard.has(user));
    const subjects =
      this.#unheard.size === 0
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

  #stopHearing(user: string): void {
    if (this.#unheard.has(user)) return;
    this.#unheard.add(user);
    this.#listen();
    this.log.warn(
      { user },
      'a NATS user floods this service with reports: it is not heard for 5 s',
    );
    setTimeout(() => {
      this.#unheard.delete(user);
      this.#listen();
      this.ask(REPORT_NOW);
    }, UNHEARD_MILLISECONDS).unref();
  }

  #take(name: string, data: Uint8Array): void {
    const user = this.#userOf(name);
    if (!user) return;
    if (!user.admits()) return this.#stopHearing(userIn(name));
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
    if (this.#users.size >= MOST_USERS) return undefined;
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
      'a NATS user reports more verifiers than are counted: it may not be honest',
    );
  }
}

/** `latchkey.verifiers.<user>.<id>`: NATS vouches for the user, and for nothing else in it. */
function userIn(name: string): string {
  return name.split('.')[2] ?? '';
}

/** @returns undefined for what is no report; this must cost little, whatever it is */
function readReport(data: Uint8Array): VerifierReport | undefined {
  if (data.byteLength > LARGEST_REPORT_BYTES) return undefined;
  try {
    return VerifierReport.safeParse(JSON.parse(Buffer.from(data).toString())).data;
  } catch {
    return undefined; // it is not JSON
  }
}
