import { execFileSync, spawnSync } from 'node:child_process';
import {
  accessSync,
  chmodSync,
  constants,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { arch, platform } from 'node:os';
import { delimiter, join } from 'node:path';
import { surroundings } from './config.js';
import { archiveSuites, unpackPackage } from './debian-package.js';
import type { Leash } from './leash.js';
import { isFitVersion, OLDEST_NATS_VERSION, versionOf } from './nats-version.js';

const IMAGE = 'nats:2.12';

export interface NatsServer {
  /** The program. */
  path: string;
  version: string;
  /** Where it came from: for the user to read. */
  origin: string;
}

export interface EnsureNatsServerOptions {
  leash: Leash;
  /** Where the program is kept when the user's cache directory cannot be written. */
  stateDirectory: string;
  onProgress?: (message: string) => void;
}

/** No fit nats-server was found or could be got; the message says how to install one. */
export class NatsServerMissingError extends Error {
  override readonly name = 'NatsServerMissingError';
  constructor(attempts: readonly string[]) {
    super(
      [
        `A nats-server of ${OLDEST_NATS_VERSION} or newer is needed and could not be got:`,
        ...attempts.map((attempt) => `  - ${attempt}`),
        'Install one, or set NATS_URL to a running one:',
        '  Linux:   go install github.com/nats-io/nats-server/v2@latest   (or https://nats.io/download)',
        '  macOS:   brew install nats-server',
        '  Windows: winget install NATSAuthors.NATSServer',
      ].join('\n'),
    );
  }
}

/**
 * A real nats-server: the one on the PATH, the one got before, the distribution's package, or the
 * one inside the Docker image. Safe to be called by several processes at once.
 * @throws {NatsServerMissingError}
 */
export async function ensureNatsServer(options: EnsureNatsServerOptions): Promise<NatsServer> {
  const found = onPath() ?? cached(options.stateDirectory);
  if (found) return found;
  const cache = writableCache(options.stateDirectory);
  const workDirectory = mkdtempSync(join(cache, 'getting-'));
  options.leash.removeAtEnd(workDirectory); // also when we are killed on the way
  const attempts: string[] = [];
  try {
    return (
      (await fromArchive(options, workDirectory, cache, attempts)) ??
      fromImage(options, workDirectory, cache, attempts) ??
      missing(attempts)
    );
  } finally {
    rmSync(workDirectory, { recursive: true, force: true });
  }
}

function missing(attempts: readonly string[]): never {
  throw new NatsServerMissingError(attempts);
}

const programName = () => `nats-server-${platform()}-${arch()}`;

function cacheDirectories(stateDirectory: string): string[] {
  const { cacheHome } = surroundings();
  const ofUser = cacheHome === undefined ? [] : [join(cacheHome, 'latchkey')];
  return [...ofUser, join(stateDirectory, 'cache')];
}

function fit(path: string, origin: string): NatsServer | undefined {
  const version = versionOf(path);
  return version !== undefined && isFitVersion(version) ? { path, version, origin } : undefined;
}

function onPath(): NatsServer | undefined {
  const name = platform() === 'win32' ? 'nats-server.exe' : 'nats-server';
  for (const directory of surroundings().searchPath.split(delimiter).filter(Boolean)) {
    const server = fit(join(directory, name), 'PATH');
    if (server) return server;
  }
  return undefined;
}

function cached(stateDirectory: string): NatsServer | undefined {
  for (const directory of cacheDirectories(stateDirectory)) {
    const server = fit(join(directory, programName()), 'cache');
    if (server) return server;
  }
  return undefined;
}

function writableCache(stateDirectory: string): string {
  const directory = cacheDirectories(stateDirectory).find((candidate) => {
    try {
      mkdirSync(candidate, { recursive: true });
      accessSync(candidate, constants.W_OK);
      return true;
    } catch {
      return false; // a home that does not exist or is read-only: the next one
    }
  });
  if (directory === undefined) throw new Error(`${stateDirectory} cannot be written`);
  return directory;
}

/** A rename puts it there whole, also when another process does the same just now. */
function keep(program: string, cache: string, origin: string): NatsServer | undefined {
  chmodSync(program, 0o755);
  const server = fit(program, origin);
  if (!server) return undefined;
  const path = join(cache, programName());
  renameSync(program, path);
  return { ...server, path };
}

const reason = (error: unknown) => (error instanceof Error ? error.message : String(error));

async function fromArchive(
  { leash, onProgress }: EnsureNatsServerOptions,
  workDirectory: string,
  cache: string,
  attempts: string[],
): Promise<NatsServer | undefined> {
  const wanted = {
    leash,
    workDirectory,
    packageName: 'nats-server',
    file: 'usr/sbin/nats-server',
  };
  for (const suite of archiveSuites()) {
    onProgress?.(`getting nats-server out of the archive of ${suite.label}`);
    try {
      const program = await unpackPackage(wanted, suite);
      const server = keep(program, cache, `package of ${suite.label}`);
      if (server) return server;
      attempts.push(`${suite.label}: ${versionOf(program) ?? 'its program does not run here'}`);
    } catch (error) {
      attempts.push(`${suite.label}: ${reason(error)}`);
    }
  }
  return undefined;
}

/** The image holds one static program, which needs no container to run on Linux. */
function fromImage(
  { onProgress }: EnsureNatsServerOptions,
  workDirectory: string,
  cache: string,
  attempts: string[],
): NatsServer | undefined {
  if (platform() !== 'linux' || spawnSync('docker', ['info'], { timeout: 5_000 }).status !== 0) {
    attempts.push('Docker: no engine that answers on Linux');
    return undefined;
  }
  onProgress?.(`getting nats-server out of the image ${IMAGE}`);
  const docker = (...args: string[]) => execFileSync('docker', args, { encoding: 'utf8' }).trim();
  try {
    const container = docker('create', IMAGE);
    const program = join(workDirectory, 'from-image');
    docker('cp', `${container}:/nats-server`, program);
    docker('rm', container);
    copyFileSync(program, join(workDirectory, 'nats-server')); // owned by us, whoever it was copied as
    return keep(join(workDirectory, 'nats-server'), cache, `the image ${IMAGE}`);
  } catch (error) {
    attempts.push(`Docker: ${reason(error)}`);
    return undefined;
  }
}
