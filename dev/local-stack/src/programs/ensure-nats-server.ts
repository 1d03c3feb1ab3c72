import {
  ensureProgram,
  type EnsureProgramOptions,
  type Program,
  type WantedProgram,
} from './ensure-program.js';

/** The oldest version with `sync_interval: always` and without a known data loss after a crash. */
export const OLDEST_NATS_VERSION = '2.10.23';

const NATS_SERVER: WantedProgram = {
  name: 'nats-server',
  oldestVersion: OLDEST_NATS_VERSION,
  package: { packageName: 'nats-server', suite: 'newer', file: 'usr/sbin/nats-server' },
  image: { name: 'nats:2.12', file: '/nats-server' },
  variable: 'NATS_URL',
  howToInstall: [
    'Linux:   go install github.com/nats-io/nats-server/v2@latest   (or https://nats.io/download)',
    'macOS:   brew install nats-server',
    'Windows: winget install NATSAuthors.NATSServer',
  ],
};

/**
 * Finds or downloads nats-server.
 * @throws {ProgramMissingError}
 */
export function ensureNatsServer(options: EnsureProgramOptions): Promise<Program> {
  return ensureProgram(NATS_SERVER, options);
}
