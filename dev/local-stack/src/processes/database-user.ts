import { spawnSync } from 'node:child_process';
import { chownSync, readFileSync } from 'node:fs';

/** The account that Postgres runs under, because it refuses to run as root. */
export interface DatabaseUser {
  uid: number;
  gid: number;
}

const CANDIDATES = ['postgres', 'nobody'];

/**
 * An existing account for Postgres if this process runs as root; undefined if Postgres can run under
 * the current account. A development tool should not create accounts.
 * @throws as root, if the machine has none of the candidates
 */
export function databaseUser(): DatabaseUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const accounts = readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const name of CANDIDATES) {
    const fields = accounts.find((line) => line.startsWith(`${name}:`))?.split(':');
    if (fields) return { uid: Number(fields[2]), gid: Number(fields[3]) };
  }
  throw new Error(
    `Postgres refuses to run as root, and this machine has none of the accounts ${CANDIDATES.join(', ')}. ` +
      'Run as an ordinary user, or set LATCHKEY_POSTGRES_URL to a running Postgres.',
  );
}

/** Whether the account can access files in the directory. The system decides, so ACLs count. */
export function canEnter(user: DatabaseUser | undefined, directory: string): boolean {
  if (!user) return true;
  return spawnSync('test', ['-x', directory], { ...user, cwd: '/' }).status === 0;
}

export function giveTo(user: DatabaseUser | undefined, path: string): void {
  if (user) chownSync(path, user.uid, user.gid);
}
