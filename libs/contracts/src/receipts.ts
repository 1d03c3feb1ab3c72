import { z } from 'zod';
import { RevocationSerial } from './revocation.js';
import { WireVersion } from './wire-version.js';

const PREFIX = 'latchkey.verifiers';

/** What every verifier says about itself: `latchkey.verifiers.<NATS user>.<id of the verifier>`. */
export const VERIFIER_REPORT_SUBJECTS = `${PREFIX}.*.*`;

/** Where the auth service asks every verifier for a report. */
export const RECEIPT_REQUEST_SUBJECT = 'latchkey.confirm';

/** How often a verifier reports without being asked. */
export const VERIFIER_REPORT_SECONDS = 5;

/** One that has been silent for so long is no longer counted as known. */
export const VERIFIER_FORGOTTEN_SECONDS = 3 * VERIFIER_REPORT_SECONDS;

/** A user that stands in a subject as it is; NATS lets a verifier report under its own name only. */
const SUBJECT_TOKEN = /^[A-Za-z0-9_-]{1,64}$/;

/**
 * Where a verifier reports.
 *
 * @param user its NATS user; undefined where the server asks for none
 * @returns undefined for a user whose name cannot stand in a subject: it does not report
 */
export function verifierReportSubject(
  user: string | undefined,
  verifierId: string,
): string | undefined {
  const name = user ?? 'anonymous';
  return SUBJECT_TOKEN.test(name) ? `${PREFIX}.${name}.${verifierId}` : undefined;
}

/**
 * A verifier's word about what it has applied: its receipt for every revocation up to there. Unknown
 * members are ignored (ADR 0029).
 */
export const VerifierReport = z.object({
  version: WireVersion,
  /** Up to this serial number nothing is missing; -1 while that is not known of anything. */
  through: z.number().int().min(-1),
  /** Said once, as it shuts down: it is not to be waited for. */
  leaving: z.boolean().optional(),
});
export type VerifierReport = z.infer<typeof VerifierReport>;

/**
 * A verifier that has applied everything up to `serial` says so at once, any other as soon as it has.
 * Unknown members are ignored (ADR 0029).
 */
export const ReceiptRequest = z.object({
  version: WireVersion,
  serial: z.union([z.literal(0), RevocationSerial]),
  /** How long the answer is of interest. */
  withinMilliseconds: z.number().int().min(0).max(5_000),
});
export type ReceiptRequest = z.infer<typeof ReceiptRequest>;

/** `POST /logout?confirm=<ms>`: wait at most so long for the verifiers' receipts. */
export const ConfirmQuery = z.strictObject({
  confirm: z.coerce.number().int().min(1).max(5_000).optional(),
});
export type ConfirmQuery = z.infer<typeof ConfirmQuery>;

/** What became of a log-out by the time of the answer, where `confirm` was asked for. */
export const ReceiptsReply = z.object({
  /** Verifiers that the auth service heard of in the last {@link VERIFIER_FORGOTTEN_SECONDS}. */
  known: z.number().int().nonnegative(),
  /** How many of them have said that they refuse the tokens now. */
  applied: z.number().int().nonnegative(),
  /** From the commit of the log-out to the last of these words; null where there was none. */
  slowestMs: z.number().nonnegative().nullable(),
});
export type ReceiptsReply = z.infer<typeof ReceiptsReply>;
