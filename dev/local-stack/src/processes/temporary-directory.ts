import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canEnter, databaseUser } from './database-user.js';
import type { Launcher } from './launcher.js';

/**
 * Creates a directory that the database account can enter, and that is removed with the launcher's
 * processes.
 * @throws if the database account can enter none of the temporary directories
 */
export function temporaryDirectory(processes: Launcher): string {
  const user = databaseUser();
  const root = [tmpdir(), '/tmp', '/var/tmp'].find((candidate) => canEnter(user, candidate));
  if (root === undefined)
    throw new Error('the database account can enter none of the temporary directories');
  const directory = mkdtempSync(join(root, 'latchkey-'));
  processes.removeAtEnd(directory);
  chmodSync(directory, 0o711);
  return directory;
}
