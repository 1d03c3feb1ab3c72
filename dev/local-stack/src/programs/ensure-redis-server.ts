import {
  ensureProgram,
  type EnsureProgramOptions,
  type Program,
  type WantedProgram,
} from './ensure-program.js';

/** The oldest version that a distribution still maintains and that has every command we need. */
const OLDEST_REDIS_VERSION = '6.2.0';

const REDIS_SERVER: WantedProgram = {
  name: 'redis-server',
  oldestVersion: OLDEST_REDIS_VERSION,
  // All programs of the package are one binary, which decides by its name what it does.
  package: { packageName: 'redis-server', suite: 'own', file: 'usr/bin/redis-check-rdb' },
  // No image, because the program in it needs the image's libraries.
  variable: 'REDIS_URL',
  howToInstall: [
    'Linux:   apt-get install redis-server   (or https://redis.io/downloads)',
    'macOS:   brew install redis',
    'Windows: Redis runs only under WSL',
  ],
};

/**
 * Finds or downloads redis-server.
 * @throws {ProgramMissingError}
 */
export function ensureRedisServer(options: EnsureProgramOptions): Promise<Program> {
  return ensureProgram(REDIS_SERVER, options);
}
