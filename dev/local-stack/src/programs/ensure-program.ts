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

/** A program that may be installed, or else is downloaded without being installed. */
export interface WantedProgram {
  name: string;
  /** Other names that the program may have on the PATH. */
  otherNames?: readonly string[];
  oldestVersion: string;
  /** The argument that makes the program report its version. Default: `--version`. */
  versionArgument?: string;
  package: WantedPackage & {
    /** The path of the program in the package, or a function that finds it in the unpacked files. */
    file: string | ((unpacked: string) => string);
    /** Whether the program needs the files in the same directory. */
    withSiblings?: boolean;
  };
  /** Subdirectories of the system's library directory that the program needs. */
  privateLibraries?: readonly string[];
  /** A container image with a static binary, which also runs outside a container. */
  image?: { name: string; file: string };
  /** The environment variable that points to a running server instead. */
  variable?: string;
  /** One line per operating system. */
  howToInstall: readonly string[];
}

export interface Program {
  path: string;
  version: string;
  /** Where the program was found, as shown to the user. */
  origin: string;
  /** The directories of shared libraries that the machine may lack. */
  libraryPath?: string;
}

export interface EnsureProgramOptions {
  processes: Launcher;
  /** Keeps the program if the user's cache directory is not writable. */
  stateDirectory: string;
  onProgress?: (message: string) => void;
}

/** The program was neither found nor downloaded. The message says how to install it. */
export class ProgramMissingError extends Error {
  override readonly name = 'ProgramMissingError';
  constructor(
    { name, oldestVersion, variable, howToInstall }: WantedProgram,
    attempts: readonly string[],
  ) {
    super(
      [
        `Latchkey needs ${name} ${oldestVersion} or newer, and could neither find nor download it:`,
        ...attempts.map((attempt) => `  - ${attempt}`),
        variable === undefined
          ? 'Install it:'
          : `Install it, or set ${variable} to the URL of a running server:`,
        ...howToInstall.map((line) => `  ${line}`),
      ].join('\n'),
    );
  }
}

/**
 * Finds a program on the PATH or in the cache, or else downloads it from the distribution's archive
 * or a Docker image. Several processes may do so at the same time.
 * @throws {ProgramMissingError}
 */
export async function ensureProgram(
  wanted: WantedProgram,
  options: EnsureProgramOptions,
): Promise<Program> {
  const found = onPath(wanted) ?? cached(wanted, options.stateDirectory);
  if (found) return found;
  const cache = writableCache(options.stateDirectory);
  const workDirectory = mkdtempSync(join(cache, 'download-'));
  options.processes.removeAtEnd(workDirectory); // in case this process is killed
  const download = { wanted, options, cache, workDirectory, attempts: [] };
  try {
    return (await fromArchive(download)) ?? fromImage(download) ?? missing(download);
  } finally {
    rmSync(workDirectory, { recursive: true, force: true });
  }
}

/** The environment that the program needs. */
export function programEnvironment({ libraryPath }: Pick<Program, 'libraryPath'>) {
  const env = bareEnvironment();
  return libraryPath === undefined ? env : { ...env, LD_LIBRARY_PATH: libraryPath };
}

interface Download {
  wanted: WantedProgram;
  options: EnsureProgramOptions;
  cache: string;
  workDirectory: string;
  attempts: string[];
}

function missing({ wanted, attempts }: Download): never {
  throw new ProgramMissingError(wanted, attempts);
}

function cacheDirectories(stateDirectory: string): string[] {
  const { cacheHome } = surroundings();
  const ofUser = cacheHome === undefined ? [] : [join(cacheHome, 'latchkey')];
  return [...ofUser, join(stateDirectory, 'cache')];
}

/**
 * The cache has a directory for each program and required version, so that an upgrade does not
 * remove a program that another checkout is running.
 */
const folderName = ({ name, oldestVersion }: WantedProgram) =>
  `${name}-from-${oldestVersion}-${platform()}-${arch()}`;

/** The program at a path, of any version, if it runs on this machine. */
function programAt(wanted: WantedProgram, path: string, origin: string): Program | undefined {
  if (!existsSync(path)) return undefined;
  const libraries = join(dirname(path), 'lib');
  const directories = ['', ...(wanted.privateLibraries ?? [])].map((name) => join(libraries, name));
  const own =
    origin !== 'PATH' && existsSync(libraries) ? { libraryPath: directories.join(':') } : {};
  const version = versionOf(path, programEnvironment(own), wanted.versionArgument);
  return version === undefined ? undefined : { path, version, origin, ...own };
}

/** The program at a path, if it runs on this machine and is new enough. */
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
      return false; // the home directory does not exist or is read-only
    }
  });
  if (directory === undefined) throw new Error(`${stateDirectory} is not writable`);
  return directory;
}

/** Moves a program into the cache. A rename is atomic, should another process do the same. */
function keep({ wanted, cache }: Download, folder: string, origin: string): Program | undefined {
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

async function fromArchive(download: Download): Promise<Program | undefined> {
  const { wanted, options, workDirectory, attempts } = download;
  for (const suite of archiveSuites(wanted.package.suite)) {
    options.onProgress?.(`downloading ${wanted.name} from the archive of ${suite.label}`);
    try {
      const request = { processes: options.processes, workDirectory, ...wanted.package };
      const folder = collect(download, await unpackPackage(request, suite), suite.suite);
      const program = keep(download, folder, `package of ${suite.label}`);
      if (program) return program;
      const unfit = programAt(wanted, join(folder, wanted.name), suite.label);
      attempts.push(
        `${suite.label}: ${unfit?.version ?? 'the program does not run on this machine'}`,
      );
    } catch (error) {
      attempts.push(`${suite.label}: ${reason(error)}`);
    }
  }
  return undefined;
}

/** Collects what is kept of the unpacked packages: the program, its siblings and its libraries. */
function collect({ wanted, workDirectory }: Download, unpacked: string, name: string): string {
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
  // Links would point into the directory in which the packages were unpacked.
  const options = { recursive: true, dereference: true };
  if (triplet) cpSync(join(libraries, triplet), join(folder, 'lib'), options);
  return folder;
}

function fromImage(download: Download): Program | undefined {
  const { wanted, options, workDirectory, attempts } = download;
  if (!wanted.image) return undefined;
  if (platform() !== 'linux' || spawnSync('docker', ['info'], { timeout: 5_000 }).status !== 0) {
    attempts.push('Docker: no engine is running, or this is not Linux');
    return undefined;
  }
  const { name: image, file } = wanted.image;
  options.onProgress?.(`downloading ${wanted.name} from the image ${image}`);
  const docker = (...args: string[]) => execFileSync('docker', args, { encoding: 'utf8' }).trim();
  try {
    const container = docker('create', image);
    const copied = join(workDirectory, 'from-image');
    docker('cp', `${container}:${file}`, copied);
    docker('rm', container);
    const folder = join(workDirectory, 'image-program');
    mkdirSync(folder);
    copyFileSync(copied, join(folder, wanted.name)); // so that the current user owns it
    chmodSync(join(folder, wanted.name), 0o755);
    return keep(download, folder, `the image ${image}`);
  } catch (error) {
    attempts.push(`Docker: ${reason(error)}`);
    return undefined;
  }
}
