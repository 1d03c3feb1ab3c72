import { createHash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { surroundings } from '../config.js';
import { canEnter, databaseUser } from '../processes/database-user.js';
import { dropOwnDatabases, type DataOwner } from '../servers/own-databases.js';
import { makeOwnDirectory } from '../processes/own-directory.js';

/**
 * Creates the directory in which a checkout keeps its data and secrets: `LATCHKEY_STATE_DIRECTORY`,
 * or else `.latchkey` in the checkout. If this process is root, Postgres runs under an account that
 * may not be able to enter the checkout, for example below /root. The directory is then
 * `/var/lib/latchkey/<hash of the checkout's path>`, or the same below a temporary directory.
 * @throws if the directory belongs to another user
 */
export function resolveStateDirectory(checkout: string): string {
  const chosen = surroundings().stateDirectory;
  if (chosen !== undefined) return makeOwnDirectory(resolve(chosen));
  const beside = makeOwnDirectory(join(resolve(checkout), '.latchkey'));
  const user = databaseUser();
  if (canEnter(user, beside)) return beside;
  const hash = createHash('sha256').update(resolve(checkout)).digest('hex').slice(0, 16);
  for (const root of ['/var/lib/latchkey', join(tmpdir(), 'latchkey'), '/tmp/latchkey']) {
    const directory = makeIfPossible(join(root, hash));
    if (directory !== undefined && canEnter(user, directory)) return directory;
  }
  throw new Error(
    'No directory was found that both root and the database account can enter. ' +
      'Set LATCHKEY_STATE_DIRECTORY to one.',
  );
}

function makeIfPossible(directory: string): string | undefined {
  try {
    makeOwnDirectory(dirname(directory));
    return makeOwnDirectory(directory);
  } catch {
    return undefined; // not writable, or it belongs to another user
  }
}

/** The file that contains the secret of this name. */
export const secretFile = (stateDirectory: string, name: string): string =>
  join(stateDirectory, 'secrets', name);

/**
 * Returns the secret of this name, which is generated at the first call and kept in `secrets/`,
 * readable only by its owner. By default it is a letter and 24 random bytes in hex, which is safe in
 * URLs and in nats.conf.
 */
export function generateOnce(
  stateDirectory: string,
  name: string,
  generate: () => string = () => `s${randomBytes(24).toString('hex')}`,
): string {
  const file = secretFile(stateDirectory, name);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  chmodSync(dirname(file), 0o700);
  const draft = `${file}.${randomBytes(8).toString('hex')}`;
  writeFileSync(draft, generate(), { mode: 0o600, flag: 'wx' });
  try {
    linkSync(draft, file); // atomic, and the first process wins
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  return readFileSync(file, 'utf8');
}

/**
 * Identifies the owner of databases on a shared server. The id is stored with the secrets, without
 * which the data is useless.
 */
export const dataOwner = (stateDirectory: string): DataOwner => ({
  id: generateOnce(stateDirectory, 'data-owner'),
  stateDirectory,
});

/** Locks that other processes rely on, and downloaded programs. */
const NOT_DATA = new Set(['locks', 'cache']);

/** Deletes all data of a state directory, including its databases on `LATCHKEY_POSTGRES_URL`. */
export async function forgetData(stateDirectory: string): Promise<void> {
  const { postgresUrl } = surroundings();
  // First, because the secrets are needed to recognize the databases.
  if (postgresUrl !== undefined) await dropOwnDatabases(postgresUrl, dataOwner(stateDirectory));
  for (const name of readdirSync(stateDirectory))
    if (!NOT_DATA.has(name)) rmSync(join(stateDirectory, name), { recursive: true, force: true });
}
