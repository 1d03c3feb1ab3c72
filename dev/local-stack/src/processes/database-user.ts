import { spawnSync } from 'node:child_process';
import { chownSync, readFileSync } from 'node:fs';

/** Whom Postgres runs as. It refuses to run as root. */
export interface DatabaseUser {
  uid: number;
  gid: number;
}

const CANDIDATES = ['postgres', 'nobody'];

/**
 * Undefined when Postgres can run as we do; as root an account that exists already, since a
 * development tool has no business making accounts.
 * @throws as root on a machine that has none of them.
 */
export function databaseUser(): DatabaseUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const accounts = readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const name of CANDIDATES) {
    const fields = accounts.find((line) => line.startsWith(`${name}:`))?.split(':');
    if (fields) return { uid: Number(fields[2]), gid: Number(fields[3]) };
  }
  throw new Error(
    `Postgres does not run as root, and this machine has none of these accounts: ${CANDIDATES.join(', ')}`,
  );
}

/** Whether that account can reach what lies in the directory. Asked of the system, so ACLs count. */
export function canEnter(user: DatabaseUser | undefined, directory: string): boolean {
  if (!user) return true;
  return spawnSync('test', ['-x', directory], { ...user, cwd: '/' }).status === 0;
}

export function giveTo(user: DatabaseUser | undefined, path: string): void {
  if (user) chownSync(path, user.uid, user.gid);
}
