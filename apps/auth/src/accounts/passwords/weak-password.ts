import { canonicalUsername } from '@latchkey/contracts/auth-api';
import { ProblemError } from '@latchkey/service-kit';
import { isCommonPassword, refuseCommonPassword } from './common-password.js';

/** Matches up to four characters repeated: `aaaaaaaa`, `abababab`, `abcdabcd`. */
const REPEATED = /^(.{1,4})\1+$/su;

/** Matches consecutive characters in either direction: `abcdefgh`, `23456789`, `87654321`. */
function isSequence(password: string): boolean {
  const codes = Array.from(password.toLowerCase(), (one) => one.codePointAt(0) ?? 0);
  const steps = new Set(codes.slice(1).map((code, index) => code - (codes[index] ?? 0)));
  const [step] = steps;
  return steps.size === 1 && (step === 1 || step === -1);
}

const advice = (weakness: string) => `the password ${weakness}: choose one that is hard to guess`;

const weakPassword = (field: string, message: string) =>
  new ProblemError(400, 'weak_password', 'The password is easy to guess', {
    detail: advice(message),
    errors: [{ in: 'body', field, message }],
  });

function patternOf(password: string): string | undefined {
  if (REPEATED.test(password.toLowerCase())) return 'repeats itself';
  return isSequence(password) ? 'is a sequence' : undefined;
}

/**
 * Refuses common passwords, repetitions and sequences, but does not require any kinds of characters
 * (NIST SP 800-63B §3.1.1.2).
 *
 * @throws ProblemError 400 naming the field
 */
export function refuseWeakPassword(password: string, field: string): void {
  refuseCommonPassword(password, field);
  const pattern = patternOf(password);
  if (pattern !== undefined) throw weakPassword(field, pattern);
}

/** The same rules for a password from the configuration; undefined if it is acceptable. */
export function weaknessOf(password: string): string | undefined {
  if (isCommonPassword(password)) return advice('is too common');
  const pattern = patternOf(password);
  return pattern && advice(pattern);
}

/**
 * Whether the password is the user name, forwards or backwards.
 *
 * @param username as it is stored
 */
export function isOwnName(password: string, username: string): boolean {
  const name = canonicalUsername(username);
  const given = canonicalUsername(password.trim());
  return given === name || given === Array.from(name).reverse().join('');
}

const OWN_NAME = 'is the user name';
/** The message for a password for which {@link isOwnName} holds. */
export const OWN_NAME_ADVICE = advice(OWN_NAME);

/**
 * @param username as it is stored
 * @throws ProblemError 400 naming the field
 */
export function refuseOwnName(password: string, username: string, field: string): void {
  if (isOwnName(password, username)) throw weakPassword(field, OWN_NAME);
}
