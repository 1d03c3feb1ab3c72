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
  // The first version with \getenv.
  oldestVersion: '14.0',
  package: {
    packageName: 'postgresql-client',
    suite: 'own',
    // The package has a directory named after the major version.
    file: (unpacked) => {
      const [version = ''] = readdirSync(join(unpacked, 'usr/lib/postgresql'));
      return join('usr/lib/postgresql', version, 'bin/psql');
    },
  },
  howToInstall: ['Linux:   apt-get install postgresql-client', 'macOS:   brew install libpq'],
};

/**
 * Finds or downloads psql, for tests. The npm packages of Postgres do not contain it.
 * @throws {ProgramMissingError}
 */
export function ensurePsql(options: EnsureProgramOptions): Promise<Program> {
  return ensureProgram(PSQL, options);
}
