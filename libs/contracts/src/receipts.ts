import { z } from 'zod';
import { RevocationSerial } from './revocation.js';
import { WireVersion } from './wire-version.js';

const PREFIX = 'latchkey.verifiers';

/** The subjects of all verifier reports: `latchkey.verifiers.<NATS user>.<verifier id>`. */
export const VERIFIER_REPORT_SUBJECTS = `${PREFIX}.*.*`;

/** The subject on which the auth service asks all verifiers for a report. */
export const RECEIPT_REQUEST_SUBJECT = 'latchkey.confirm';

/** The interval of unsolicited reports. */
export const VERIFIER_REPORT_SECONDS = 5;

/** The auth service forgets a verifier that has not reported for this long. */
export const VERIFIER_FORGOTTEN_SECONDS = 3 * VERIFIER_REPORT_SECONDS;

/** User names that are valid in a subject. NATS lets a verifier report only under its own name. */
const SUBJECT_TOKEN = /^[A-Za-z0-9_-]{1,64}$/;

/**
 * Returns the subject on which a verifier reports.
 *
 * @param user the verifier's NATS user; undefined if the server does not require one
 * @returns undefined if the user's name is not valid in a subject; the verifier then does not report
 */
export function verifierReportSubject(
  user: string | undefined,
  verifierId: string,
): string | undefined {
  const name = user ?? 'anonymous';
  return SUBJECT_TOKEN.test(name) ? `${PREFIX}.${name}.${verifierId}` : undefined;
}

/**
 * A verifier's report on what it has applied, which is its receipt for all revocations up to there.
 * Readers ignore unknown members (ADR 0029).
 */
export const VerifierReport = z.object({
  version: WireVersion,
  /** The serial number up to which no revocation is missing; -1 if unknown. */
  through: z.number().int().min(-1),
  /** Set in the last report before shutdown, so that nothing waits for this verifier. */
  leaving: z.boolean().optional(),
});
export type VerifierReport = z.infer<typeof VerifierReport>;

/**
 * Asks each verifier to report as soon as it has applied all revocations up to `serial`. Readers ignore
 * unknown members (ADR 0029).
 */
export const ReceiptRequest = z.object({
  version: WireVersion,
  serial: z.union([z.literal(0), RevocationSerial]),
  /** Verifiers need not report after this time. */
  withinMilliseconds: z.number().int().min(0).max(5_000),
});
export type ReceiptRequest = z.infer<typeof ReceiptRequest>;

/** `POST /logout?confirm=<ms>`: wait for the verifiers' receipts for at most this long. */
export const ConfirmQuery = z.strictObject({
  confirm: z.coerce.number().int().min(1).max(5_000).optional(),
});
export type ConfirmQuery = z.infer<typeof ConfirmQuery>;

/** The receipts of a log-out that arrived in time, in the response to a request with `confirm`. */
export const ReceiptsReply = z.object({
  /** The number of verifiers that have reported in the last {@link VERIFIER_FORGOTTEN_SECONDS}. */
  known: z.number().int().nonnegative(),
  /** The number of verifiers that have confirmed that they reject the tokens. */
  applied: z.number().int().nonnegative(),
  /** The time from the commit of the log-out to the last receipt; null without receipts. */
  slowestMs: z.number().nonnegative().nullable(),
});
export type ReceiptsReply = z.infer<typeof ReceiptsReply>;
