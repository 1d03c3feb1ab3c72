import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  ensureProgram,
  type EnsureProgramOptions,
  type Program,
  type WantedProgram,
} from './ensure-program.js';

const PSQL: WantedProgram = {
  name: 'psql',
  // The first one with \getenv.
  oldestVersion: '14.0',
  package: {
    packageName: 'postgresql-client',
    suite: 'own',
    // Below a directory that is named after its version.
    file: (unpacked) => {
      const [version = ''] = readdirSync(join(unpacked, 'usr/lib/postgresql'));
      return join('usr/lib/postgresql', version, 'bin/psql');
    },
  },
  howToInstall: ['Linux:   apt-get install postgresql-client', 'macOS:   brew install libpq'],
};

/**
 * A real psql, which the packages of Postgres from npm lack: for tests.
 * @throws {ProgramMissingError}
 */
export function ensurePsql(options: EnsureProgramOptions): Promise<Program> {
  return ensureProgram(PSQL, options);
}
