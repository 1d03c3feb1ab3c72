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
 * Where a checkout keeps its data and secrets: `LATCHKEY_STATE_DIRECTORY`, else `.latchkey` in the
 * checkout. As root Postgres runs under another account, which cannot enter a checkout below
 * /root: then `/var/lib/latchkey/<hash of the checkout's path>`, else the same below the temporary
 * directory. The directory exists afterwards.
 * @throws when the directory belongs to somebody else.
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
  throw new Error('no place was found for data that both root and the database account can enter');
}

function makeIfPossible(directory: string): string | undefined {
  try {
    makeOwnDirectory(dirname(directory));
    return makeOwnDirectory(directory);
  } catch {
    return undefined; // read-only, or somebody else's: the next place may do
  }
}

/**
 * A secret that is made at the first call and found again at every later one: 24 random bytes in
 * hex behind a letter, which is safe in URLs and in nats.conf. Kept in `secrets/`, for its owner only.
 */
export function generateOnce(
  stateDirectory: string,
  name: string,
  generate: () => string = () => `s${randomBytes(24).toString('hex')}`,
): string {
  const directory = join(stateDirectory, 'secrets');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  chmodSync(directory, 0o700);
  const file = join(directory, name);
  const draft = `${file}.${randomBytes(8).toString('hex')}`;
  writeFileSync(draft, generate(), { mode: 0o600, flag: 'wx' });
  try {
    linkSync(draft, file); // whole or not at all, and the first one wins
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  return readFileSync(file, 'utf8');
}

/** Whose the data on a server of others is: as long-lived as the secrets that it is of no use without. */
export const dataOwner = (stateDirectory: string): DataOwner => ({
  id: generateOnce(stateDirectory, 'data-owner'),
  stateDirectory,
});

/** Kept: what other processes rely on now, and programs that were downloaded. */
const NOT_DATA = new Set(['run.lock', 'setup.lock', 'cache']);

/** Forgets all data of a state directory, on the server of `LATCHKEY_POSTGRES_URL` as well. */
export async function forgetData(stateDirectory: string): Promise<void> {
  const { postgresUrl } = surroundings();
  // First: without the secrets nobody could tell any more that it is ours.
  if (postgresUrl !== undefined) await dropOwnDatabases(postgresUrl, dataOwner(stateDirectory));
  for (const name of readdirSync(stateDirectory))
    if (!NOT_DATA.has(name)) rmSync(join(stateDirectory, name), { recursive: true, force: true });
}
