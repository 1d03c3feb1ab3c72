import {
  RECEIPT_REQUEST_SUBJECT,
  VERIFIER_FORGOTTEN_SECONDS,
  VERIFIER_REPORT_SUBJECTS,
  VerifierReport,
  type ReceiptRequest,
} from '@latchkey/contracts';
import { MetricsRegistry } from '@latchkey/service-kit';
import type { NatsConnection } from '@nats-io/transport-node';
import { Injectable } from '@nestjs/common';
import { EventEmitter } from 'node:events';
import { NatsLink } from '../revocations/nats-link.js';

/** Reports are not signed: whoever has a verifier's password must not fill this memory. */
const MOST_VERIFIERS = 10_000;
const REPORT = 'report';
const REPORT_NOW: ReceiptRequest = { serial: 0, withinMilliseconds: 0 };

interface KnownVerifier {
  readonly through: number;
  /** By `performance.now()`. */
  readonly heardAt: number;
}

/** Which verifiers there are, and how far each says that it has come. Every replica hears them all. */
@Injectable()
export class VerifierDirectory {
  readonly #known = new Map<string, KnownVerifier>();
  readonly #events = new EventEmitter().setMaxListeners(0);
  #connection: NatsConnection | undefined;

  constructor(link: NatsLink, metrics: MetricsRegistry) {
    link.onConnected((connection) => this.#meet(connection));
    metrics.gauge(
      'latchkey_verifiers_known',
      'Verifiers that have reported lately',
      () => this.known().size,
    );
  }

  /** Up to which serial number each of them has applied everything, by its name. */
  known(): ReadonlyMap<string, number> {
    const oldest = performance.now() - VERIFIER_FORGOTTEN_SECONDS * 1000;
    for (const [name, { heardAt }] of this.#known) if (heardAt < oldest) this.#known.delete(name);
    return new Map([...this.#known].map(([name, { through }]) => [name, through]));
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
      connection.subscribe(VERIFIER_REPORT_SUBJECTS, {
        callback: (error, message) => {
          if (!error) this.#take(message.subject, message.data);
        },
      });
    }
    this.ask(REPORT_NOW);
  }

  #take(name: string, data: Uint8Array): void {
    const report = readReport(data);
    if (!report) return;
    const { leaving, through } = report;
    if (leaving) {
      this.#known.delete(name);
      this.#events.emit(REPORT, name);
    } else if (this.#known.has(name) || this.#known.size < MOST_VERIFIERS) {
      this.#known.set(name, { through, heardAt: performance.now() });
      this.#events.emit(REPORT, name, through);
    }
  }
}

function readReport(data: Uint8Array): VerifierReport | undefined {
  try {
    return VerifierReport.parse(JSON.parse(Buffer.from(data).toString()));
  } catch {
    return undefined; // whoever it is, it has not reported
  }
}
