import {
  ensureProgram,
  type EnsureProgramOptions,
  type Program,
  type WantedProgram,
} from './ensure-program.js';

const CADDY: WantedProgram = {
  name: 'caddy',
  // The version of Debian 12 and 13.
  oldestVersion: '2.6.2',
  versionArgument: 'version',
  package: { packageName: 'caddy', suite: 'own', file: 'usr/bin/caddy' },
  image: { name: 'caddy:2', file: '/usr/bin/caddy' },
  howToInstall: [
    'Linux:   apt-get install caddy   (or https://caddyserver.com/docs/install)',
    'macOS:   brew install caddy',
  ],
};

/**
 * Finds or downloads Caddy, for tests of the Caddyfiles in deploy.
 * @throws {ProgramMissingError}
 */
export function ensureCaddy(options: EnsureProgramOptions): Promise<Program> {
  return ensureProgram(CADDY, options);
}
