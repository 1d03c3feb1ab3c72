import { Option } from 'commander';
import { randomBytes } from 'node:crypto';
import type { Invocation } from '../invocation.js';
import type { Fields } from '../terminal/output.js';

/** The options of commands that set a password. */
export interface PasswordOptions {
  readonly passwordStdin?: boolean;
}

/** `--password-stdin`, because an argument would be in the list of processes. */
export const passwordOption = () =>
  new Option('--password-stdin', 'read the password from stdin instead of generating one');

/** 144 random bits, to be handed to the user once. */
const generatedPassword = (): string => randomBytes(18).toString('base64url');

/** A password that somebody typed is not shown. */
interface Shown {
  readonly password?: string;
}

/** A new password: from stdin, or generated. */
export async function newPassword(
  cli: Invocation,
  { passwordStdin }: PasswordOptions,
): Promise<{ readonly password: string; readonly shown: Shown }> {
  if (passwordStdin)
    return { password: await cli.password('New password: ', passwordStdin), shown: {} };
  const password = generatedPassword();
  return { password, shown: { password } };
}

/** The password, if it is to be shown. */
export const passwordFields = ({ password }: Shown): Fields =>
  password === undefined ? [] : [['password', password]];

/** Auth keeps only a hash of the password. */
export function noteShownOnce({ output }: Invocation, { password }: Shown): void {
  if (password !== undefined) output.note('The password is not shown again.');
}
