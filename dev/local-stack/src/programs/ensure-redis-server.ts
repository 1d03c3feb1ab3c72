import {
  ensureProgram,
  type EnsureProgramOptions,
  type Program,
  type WantedProgram,
} from './ensure-program.js';

/** The oldest server that is still maintained by a distribution, and that knows all we ask of it. */
export const OLDEST_REDIS_VERSION = '6.2.0';

const REDIS_SERVER: WantedProgram = {
  name: 'redis-server',
  oldestVersion: OLDEST_REDIS_VERSION,
  // One program for all of them; its name decides what it is.
  package: { packageName: 'redis-server', suite: 'own', file: 'usr/bin/redis-check-rdb' },
  // No image: what it would run there needs the image's own libraries.
  variable: 'REDIS_URL',
  howToInstall: [
    'Linux:   apt-get install redis-server   (or https://redis.io/downloads)',
    'macOS:   brew install redis',
    'Windows: redis runs under WSL only',
  ],
};

/**
 * A real redis-server.
 * @throws {ProgramMissingError}
 */
export function ensureRedisServer(options: EnsureProgramOptions): Promise<Program> {
  return ensureProgram(REDIS_SERVER, options);
}
