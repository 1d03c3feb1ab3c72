import { ProblemError } from '@latchkey/service-kit';
import { COMMON_PASSWORDS } from './common-passwords.js';

const common = new Set(COMMON_PASSWORDS);

/**
 * Whether a password is among the first that anybody would guess (NIST SP 800-63B §3.1.1.2).
 * Case does not help: `Password1` is guessed right after `password1`.
 */
export function isCommonPassword(password: string): boolean {
  return common.has(password.toLowerCase());
}

/** @throws ProblemError 400 naming the field */
export function refuseCommonPassword(password: string, field: string): void {
  if (!isCommonPassword(password)) return;
  throw new ProblemError(400, 'common_password', 'The password is one of the commonest', {
    detail: 'choose one that others do not use',
    errors: [{ in: 'body', field, message: 'is one of the commonest passwords' }],
  });
}
