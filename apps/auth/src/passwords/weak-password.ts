import { canonicalUsername } from '@latchkey/contracts/auth-api';
import { ProblemError } from '@latchkey/service-kit';
import { refuseCommonPassword } from './common-password.js';

/** `aaaaaaaa`, `abababab`, `abcdabcd`: a few characters, again and again. */
const REPEATED = /^(.{1,4})\1+$/su;

/** `abcdefgh`, `23456789`, `87654321`: each character is the next one of a row. */
function isSequence(password: string): boolean {
  const codes = Array.from(password.toLowerCase(), (one) => one.codePointAt(0) ?? 0);
  const steps = new Set(codes.slice(1).map((code, index) => code - (codes[index] ?? 0)));
  const [step] = steps;
  return steps.size === 1 && (step === 1 || step === -1);
}

const weakPassword = (field: string, message: string) =>
  new ProblemError(400, 'weak_password', 'The password is easy to guess', {
    detail: `the password ${message}: choose one that nobody would try`,
    errors: [{ in: 'body', field, message }],
  });

/**
 * What anybody would try first (NIST SP 800-63B §3.1.1.2): the commonest ones, and those that are no
 * more than one idea. There are no rules of composition.
 *
 * @throws ProblemError 400 naming the field
 */
export function refuseWeakPassword(password: string, field: string): void {
  refuseCommonPassword(password, field);
  if (REPEATED.test(password.toLowerCase())) throw weakPassword(field, 'repeats itself');
  if (isSequence(password)) throw weakPassword(field, 'is a sequence');
}

/**
 * @param username as it is stored
 * @throws ProblemError 400 naming the field
 */
export function refuseOwnName(password: string, username: string, field: string): void {
  const name = canonicalUsername(username);
  const given = canonicalUsername(password.trim());
  if (given === name || given === Array.from(name).reverse().join(''))
    throw weakPassword(field, 'is the user name');
}
