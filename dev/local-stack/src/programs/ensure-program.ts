import { execFileSync, spawnSync } from 'node:child_process';
import {
  accessSync,
  chmodSync,
  constants,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { arch, platform } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { bareEnvironment, surroundings } from '../config.js';
import { archiveSuites, unpackPackage, type WantedPackage } from './debian-package.js';
import type { Launcher } from '../processes/launcher.js';
import { isAtLeast, versionOf } from './program-version.js';

/** A program that this machine may have, or that can be got without installing it. */
export interface WantedProgram {
  name: string;
  /** Other names that it may have on the PATH. */
  otherNames?: readonly string[];
  oldestVersion: string;
  package: WantedPackage & {
    /** Path of the program inside, or what finds it where the package is unpacked. */
    file: string | ((unpacked: string) => string);
    /** Whether it needs all that lies beside it there. */
    withSiblings?: boolean;
  };
  /** Directories of its libraries, below that of the system's. */
  privateLibraries?: readonly string[];
  /** An image with one static program, which needs no container to run on Linux. */
  image?: { name: string; file: string };
  /** The variable that names a running one, if there is such a thing. */
  variable?: string;
  /** One line per system. */
  howToInstall: readonly string[];
}

export interface Program {
  path: string;
  version: string;
  /** Where it came from: for the user to read. */
  origin: string;
  /** Where its shared libraries are that the machine may lack. */
  libraryPath?: string;
}

export interface EnsureProgramOptions {
  processes: Launcher;
  /** Where the program is kept when the user's cache directory cannot be written. */
  stateDirectory: string;
  onProgress?: (message: string) => void;
}

/** No fit program was found or could be got; the message says how to install one. */
export class ProgramMissingError extends Error {
  override readonly name = 'ProgramMissingError';
  constructor(
    { name, oldestVersion, variable, howToInstall }: WantedProgram,
    attempts: readonly string[],
  ) {
    super(
      [
        `A ${name} of ${oldestVersion} or newer is needed and could not be got:`,
        ...attempts.map((attempt) => `  - ${attempt}`),
        variable === undefined
          ? 'Install one:'
          : `Install one, or set ${variable} to a running one:`,
        ...howToInstall.map((line) => `  ${line}`),
      ].join('\n'),
    );
  }
}

/**
 * The program on the PATH, the one got before, the distribution's package, or the one inside a
 * Docker image. Safe to be called by several processes at once.
 * @throws {ProgramMissingError}
 */
export async function ensureProgram(
  wanted: WantedProgram,
  options: EnsureProgramOptions,
): Promise<Program> {
  const found = onPath(wanted) ?? cached(wanted, options.stateDirectory);
  if (found) return found;
  const cache = writableCache(options.stateDirectory);
  const workDirectory = mkdtempSync(join(cache, 'getting-'));
  options.processes.removeAtEnd(workDirectory); // also when we are killed on the way
  const getting = { wanted, options, cache, workDirectory, attempts: [] };
  try {
    return (await fromArchive(getting)) ?? fromImage(getting) ?? missing(getting);
  } finally {
    rmSync(workDirectory, { recursive: true, force: true });
  }
}

/** The environment that it runs in. */
export function programEnvironment({ libraryPath }: Pick<Program, 'libraryPath'>) {
  const env = bareEnvironment();
  return libraryPath === undefined ? env : { ...env, LD_LIBRARY_PATH: libraryPath };
}

interface Getting {
  wanted: WantedProgram;
  options: EnsureProgramOptions;
  cache: string;
  workDirectory: string;
  attempts: string[];
}

function missing({ wanted, attempts }: Getting): never {
  throw new ProgramMissingError(wanted, attempts);
}

function cacheDirectories(stateDirectory: string): string[] {
  const { cacheHome } = surroundings();
  const ofUser = cacheHome === undefined ? [] : [join(cacheHome, 'latchkey')];
  return [...ofUser, join(stateDirectory, 'cache')];
}

/**
 * A directory for each program: itself, and the libraries that came with it. Another one when a newer
 * one is wanted: nobody takes away what somebody runs.
 */
const folderName = ({ name, oldestVersion }: WantedProgram) =>
  `${name}-from-${oldestVersion}-${platform()}-${arch()}`;

/** Whatever there runs here, of any version. */
function programAt(wanted: WantedProgram, path: string, origin: string): Program | undefined {
  const libraries = join(dirname(path), 'lib');
  const directories = ['', ...(wanted.privateLibraries ?? [])].map((name) => join(libraries, name));
  const own =
    origin !== 'PATH' && existsSync(libraries) ? { libraryPath: directories.join(':') } : {};
  const version = versionOf(path, programEnvironment(own));
  return version === undefined ? undefined : { path, version, origin, ...own };
}

/** What there runs here, and is new enough. */
function usableAt(wanted: WantedProgram, path: string, origin: string): Program | undefined {
  const program = programAt(wanted, path, origin);
  return program && isAtLeast(program.version, wanted.oldestVersion) ? program : undefined;
}

function onPath(wanted: WantedProgram): Program | undefined {
  const ending = platform() === 'win32' ? '.exe' : '';
  for (const directory of surroundings().searchPath.split(delimiter).filter(Boolean)) {
    for (const name of [wanted.name, ...(wanted.otherNames ?? [])]) {
      const program = usableAt(wanted, join(directory, name + ending), 'PATH');
      if (program) return program;
    }
  }
  return undefined;
}

function cached(wanted: WantedProgram, stateDirectory: string): Program | undefined {
  for (const directory of cacheDirectories(stateDirectory)) {
    const program = usableAt(wanted, join(directory, folderName(wanted), wanted.name), 'cache');
    if (program) return program;
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
function keep({ wanted, cache }: Getting, folder: string, origin: string): Program | undefined {
  if (!usableAt(wanted, join(folder, wanted.name), origin)) return undefined;
  const target = join(cache, folderName(wanted));
  const isThere = () => usableAt(wanted, join(target, wanted.name), origin) !== undefined;
  if (!isThere()) rmSync(target, { recursive: true, force: true });
  try {
    renameSync(folder, target);
  } catch (error) {
    if (!isThere()) throw error;
  }
  return usableAt(wanted, join(target, wanted.name), origin);
}

const reason = (error: unknown) => (error instanceof Error ? error.message : String(error));

async function fromArchive(getting: Getting): Promise<Program | undefined> {
  const { wanted, options, workDirectory, attempts } = getting;
  for (const suite of archiveSuites(wanted.package.suite)) {
    options.onProgress?.(`getting ${wanted.name} out of the archive of ${suite.label}`);
    try {
      const request = { processes: options.processes, workDirectory, ...wanted.package };
      const folder = collect(getting, await unpackPackage(request, suite), suite.suite);
      const program = keep(getting, folder, `package of ${suite.label}`);
      if (program) return program;
      const unfit = programAt(wanted, join(folder, wanted.name), suite.label);
      attempts.push(`${suite.label}: ${unfit?.version ?? 'its program does not run here'}`);
    } catch (error) {
      attempts.push(`${suite.label}: ${reason(error)}`);
    }
  }
  return undefined;
}

/** What is kept of a tree of unpacked packages: the program, what it needs beside it, and libraries. */
function collect({ wanted, workDirectory }: Getting, unpacked: string, name: string): string {
  const folder = join(workDirectory, `${name}-program`);
  mkdirSync(folder);
  const { file } = wanted.package;
  const program = join(unpacked, typeof file === 'string' ? file : file(unpacked));
  if (wanted.package.withSiblings) cpSync(dirname(program), folder, { recursive: true });
  copyFileSync(program, join(folder, wanted.name));
  chmodSync(join(folder, wanted.name), 0o755);
  const libraries = join(unpacked, 'usr', 'lib');
  if (wanted.package.suite === 'newer' || !existsSync(libraries)) return folder;
  const triplet = readdirSync(libraries).find((entry) => entry.includes('-linux-'));
  // A link of theirs would lead to where they were unpacked.
  const options = { recursive: true, dereference: true };
  if (triplet) cpSync(join(libraries, triplet), join(folder, 'lib'), options);
  return folder;
}

function fromImage(getting: Getting): Program | undefined {
  const { wanted, options, workDirectory, attempts } = getting;
  if (!wanted.image) return undefined;
  if (platform() !== 'linux' || spawnSync('docker', ['info'], { timeout: 5_000 }).status !== 0) {
    attempts.push('Docker: no engine that answers on Linux');
    return undefined;
  }
  const { name: image, file } = wanted.image;
  options.onProgress?.(`getting ${wanted.name} out of the image ${image}`);
  const docker = (...args: string[]) => execFileSync('docker', args, { encoding: 'utf8' }).trim();
  try {
    const container = docker('create', image);
    const copied = join(workDirectory, 'from-image');
    docker('cp', `${container}:${file}`, copied);
    docker('rm', container);
    const folder = join(workDirectory, 'image-program');
    mkdirSync(folder);
    copyFileSync(copied, join(folder, wanted.name)); // owned by us, whoever it was copied as
    chmodSync(join(folder, wanted.name), 0o755);
    return keep(getting, folder, `the image ${image}`);
  } catch (error) {
    attempts.push(`Docker: ${reason(error)}`);
    return undefined;
  }
}
