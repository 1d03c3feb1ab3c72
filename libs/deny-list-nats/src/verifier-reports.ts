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

/** Far more than the auth service sends at a time. A flood of requests is dropped. */
const MAX_WAITING = 100;
/** Ten replicas of the auth service send fewer. Further requests are not even parsed. */
const REQUESTS_PER_SECOND = 200;
const LEAVE_MILLISECONDS = 250;

/**
 * Reports to the auth service up to which number this verifier has applied revocations: every few
 * seconds, on request, and when it leaves. A log-out with `?confirm` waits for these reports.
 */
export class VerifierReports {
  readonly #subject: string | undefined;
  #connection: NatsConnection | undefined;
  #timer: NodeJS.Timeout | undefined;
  #waiting = 0;
  #second = 0;
  #requests = 0;
  #ended = false;

  /** @param issuer returns the issuer whose watermarks are applied; undefined before the first */
  constructor(
    private readonly denyList: Pick<DenyList, 'appliedThrough' | 'waitForSerial'>,
    user: string | undefined,
    private readonly issuer: () => string | undefined,
  ) {
    this.#subject = verifierReportSubject(user, randomUUID());
  }

  /** Called for each new connection. The NATS client restores subscriptions on reconnect. */
  begin(connection: NatsConnection): void {
    if (this.#ended || this.#connection === connection || this.#subject === undefined) return;
    this.#connection = connection;
    clearInterval(this.#timer);
    connection.subscribe(RECEIPT_REQUEST_SUBJECT, {
      // A server without receipts refuses the subscription, and then there are no requests.
      callback: (error, message) => {
        if (!error && this.#admits()) void this.#answer(message.data);
      },
    });
    const milliseconds = VERIFIER_REPORT_SECONDS * 1000;
    // Spread the reports of verifiers that were started at the same time.
    this.#timer = setInterval(() => this.#report(), milliseconds * (0.9 + Math.random() / 10));
    this.#report();
  }

  /** Sends a last report. Waits until it is sent, unless the server is unreachable. */
  async end(): Promise<void> {
    this.#ended = true;
    clearInterval(this.#timer);
    this.#report({ leaving: true });
    const flushed = this.#connection?.flush().catch(() => undefined); // the connection is closed
    this.#connection = undefined;
    if (flushed)
      await Promise.race([flushed, delay(LEAVE_MILLISECONDS, undefined, { ref: false })]);
  }

  #admits(): boolean {
    const second = Math.floor(performance.now() / 1000);
    if (second !== this.#second) this.#requests = 0;
    this.#second = second;
    return ++this.#requests <= REQUESTS_PER_SECOND;
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
    return undefined; // anybody can publish here: ignore it
  }
}
