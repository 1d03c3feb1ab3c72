import {
  chmodSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { parseJson } from '../auth/answer.js';
import { usageError } from '../errors.js';

/** A log-in that is kept for the next command. */
export const StoredLogin = z.strictObject({
  /** Only this server gets the token. */
  url: z.url(),
  username: z.string(),
  accessToken: z.string(),
  expiresAt: z.iso.datetime(),
});
export type StoredLogin = z.infer<typeof StoredLogin>;

const OTHERS = 0o077;

/** `login.json` in the user's configuration folder, which only the user may read. */
export class LoginFile {
  readonly path: string;

  constructor(private readonly directory: string) {
    this.path = join(directory, 'login.json');
  }

  /**
   * @returns undefined if nobody is logged in
   * @throws CommandError if others may read the file, or it is damaged
   */
  read(): StoredLogin | undefined {
    const mode = statSync(this.path, { throwIfNoEntry: false })?.mode;
    if (mode === undefined) return undefined;
    if ((mode & OTHERS) !== 0)
      throw usageError(`Other users may read ${this.path}`, {
        hint: 'latchkey login, which replaces it',
      });
    const parsed = StoredLogin.safeParse(parseJson(readFileSync(this.path, 'utf8')));
    if (!parsed.success)
      throw usageError(`${this.path} is damaged`, { hint: 'latchkey login, which replaces it' });
    return parsed.data;
  }

  /** Replaces the file in one step, so that no other command reads half of it. */
  write(login: StoredLogin): void {
    mkdirSync(this.directory, { recursive: true, mode: 0o700 });
    const draft = `${this.path}.${process.pid}`;
    rmSync(draft, { force: true });
    // `wx` never follows a link that somebody has put there.
    writeFileSync(draft, JSON.stringify(login), { mode: 0o600, flag: 'wx' });
    chmodSync(draft, 0o600);
    renameSync(draft, this.path);
  }

  remove(): void {
    rmSync(this.path, { force: true });
  }
}
