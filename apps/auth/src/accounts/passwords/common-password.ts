import { ProblemError } from '@latchkey/service-kit';
import commonPasswords from './common-passwords.json' with { type: 'json' };

/**
 * The 3,000 most common passwords in lower case, most common first: the first 3,000 entries of the
 * password dictionary of `@zxcvbn-ts/language-common` 4.1.3, which is under the MIT licence,
 * Copyright (c) 2012-2016 Dan Wheeler and Dropbox, Inc., Copyright (c) 2021 zxcvbn-ts.
 */
const common: ReadonlySet<string> = new Set(commonPasswords);

/**
 * Whether a password is among the first that an attacker tries (NIST SP 800-63B §3.1.1.2). Case is ignored
 * because attackers try variants such as `Password1` too.
 */
export function isCommonPassword(password: string): boolean {
  return common.has(password.toLowerCase());
}

/** @throws ProblemError 400 naming the field */
export function refuseCommonPassword(password: string, field: string): void {
  if (!isCommonPassword(password)) return;
  throw new ProblemError(400, 'common_password', 'The password is too common', {
    detail: 'choose one that is hard to guess',
    errors: [{ in: 'body', field, message: 'is one of the most common passwords' }],
  });
}
