import {
  RECEIPT_REQUEST_SUBJECT,
  ReceiptRequest,
  VERIFIER_REPORT_SECONDS,
  verifierReportSubject,
  type VerifierReport,
} from '@latchkey/contracts';
import type { DenyList } from '@latchkey/deny-list';
import type { NatsConnection } from '@nats-io/transport-node';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

/** Far more than the auth service asks at a time: who floods this with requests waits for nothing. */
const MAX_WAITING = 100;
/** Ten replicas of the auth service ask no more often. The rest of a flood is not even read. */
const QUESTIONS_PER_SECOND = 200;
const LEAVE_MILLISECONDS = 250;

/**
 * Tells the auth service that this verifier exists and how far it has come: every few seconds, when it
 * is asked, and when it leaves. That is all that a log-out with `?confirm` counts.
 */
export class VerifierReports {
  readonly #subject: string | undefined;
  #connection: NatsConnection | undefined;
  #timer: NodeJS.Timeout | undefined;
  #waiting = 0;
  #second = 0;
  #questions = 0;
  #ended = false;

  /** @param issuer the one whose watermarks this verifier applies, once it knows */
  constructor(
    private readonly denyList: Pick<DenyList, 'appliedThrough' | 'waitForSerial'>,
    user: string | undefined,
    private readonly issuer: () => string | undefined,
  ) {
    this.#subject = verifierReportSubject(user, randomUUID());
  }

  /** Begins once with each connection; the client of NATS keeps a subscription over reconnects. */
  begin(connection: NatsConnection): void {
    if (this.#ended || this.#connection === connection || this.#subject === undefined) return;
    this.#connection = connection;
    clearInterval(this.#timer);
    connection.subscribe(RECEIPT_REQUEST_SUBJECT, {
      // Refused by a server that does not know of receipts: then nobody asks.
      callback: (error, message) => {
        if (!error && this.#admits()) void this.#answer(message.data);
      },
    });
    const milliseconds = VERIFIER_REPORT_SECONDS * 1000;
    // A thousand verifiers that were started at once do not report at once.
    this.#timer = setInterval(() => this.#report(), milliseconds * (0.9 + Math.random() / 10));
    this.#report();
  }

  /** Waits for the word to be out, but not for a server that is away. */
  async end(): Promise<void> {
    this.#ended = true;
    clearInterval(this.#timer);
    this.#report({ leaving: true });
    const flushed = this.#connection?.flush().catch(() => undefined); // it is closed: nobody listens
    this.#connection = undefined;
    if (flushed)
      await Promise.race([flushed, delay(LEAVE_MILLISECONDS, undefined, { ref: false })]);
  }

  #admits(): boolean {
    const second = Math.floor(performance.now() / 1000);
    if (second !== this.#second) this.#questions = 0;
    this.#second = second;
    return ++this.#questions <= QUESTIONS_PER_SECOND;
  }

  async #answer(data: Uint8Array): Promise<void> {
    const request = readRequest(data);
    if (!request || this.#waiting >= MAX_WAITING) return;
    const issuer = this.issuer();
    if (issuer === undefined || request.serial === 0) return this.#report();
    this.#waiting++;
    const { serial, withinMilliseconds } = request;
    if (await this.denyList.waitForSerial(issuer, serial, withinMilliseconds)) this.#report();
    this.#waiting--;
  }

  #report(more: Partial<VerifierReport> = {}): void {
    const connection = this.#connection;
    if (!connection || connection.isClosed() || this.#subject === undefined) return;
    const issuer = this.issuer();
    const through = issuer === undefined ? -1 : this.denyList.appliedThrough(issuer);
    const report: VerifierReport = { through, ...more };
    connection.publish(this.#subject, JSON.stringify(report));
  }
}

function readRequest(data: Uint8Array): ReceiptRequest | undefined {
  try {
    return ReceiptRequest.parse(JSON.parse(Buffer.from(data).toString()));
  } catch {
    return undefined; // not a request: nothing depends on it
  }
}
