import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canEnter, databaseUser } from './database-user.js';
import type { Launcher } from './launcher.js';

/**
 * A new directory that the database account can pass through, and that is gone with the processes.
 * @throws when there is no temporary directory which that account can enter
 */
export function temporaryDirectory(processes: Launcher): string {
  const user = databaseUser();
  const root = [tmpdir(), '/tmp', '/var/tmp'].find((candidate) => canEnter(user, candidate));
  if (root === undefined) throw new Error('no temporary directory that the database can enter');
  const directory = mkdtempSync(join(root, 'latchkey-'));
  processes.removeAtEnd(directory);
  chmodSync(directory, 0o711);
  return directory;
}
