import { ProcessGroup, temporaryDirectory } from '@latchkey/local-stack';
import { execFile, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of this checkout. */
export const CHECKOUT = fileURLToPath(new URL('../../../..', import.meta.url));

/** The published libraries. */
export const LIBRARIES = readdirSync(join(CHECKOUT, 'libs')).filter((name) => {
  const manifest = join(CHECKOUT, 'libs', name, 'package.json');
  return existsSync(manifest) && !readFileSync(manifest, 'utf8').includes('"private": true');
});
export type Library = string;

/** The packages that the READMEs tell users to install as well, in the versions of this checkout. */
const BESIDE = [
  '@nestjs/common',
  '@nestjs/core',
  '@nestjs/passport',
  '@nestjs/platform-fastify',
  '@types/node',
  '@types/passport-jwt',
  'passport',
  'passport-jwt',
  'reflect-metadata',
  'rxjs',
];
const INSTALL_MILLISECONDS = 240_000;
const COMMAND_MILLISECONDS = 120_000;

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Diagnostic {
  readonly file: string;
  readonly line: number;
  readonly code: string;
  readonly message: string;
}

/** The parts of a published package.json that the tests read. */
export interface Manifest {
  readonly exports: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** A project outside this checkout that depends only on our tarballs and on packages of the registry. */
export class EmptyProject {
  private constructor(
    readonly directory: string,
    private readonly processes: ProcessGroup,
    private readonly tarballs: ReadonlyMap<Library, string>,
  ) {}

  /** Packs the compiled libraries, and installs them as their READMEs say. */
  static async create(): Promise<EmptyProject> {
    const processes = new ProcessGroup();
    try {
      const directory = temporaryDirectory(processes);
      const tarballs = await packLibraries(directory);
      const project = new EmptyProject(directory, processes, tarballs);
      await project.#install();
      return project;
    } catch (error) {
      await processes.close();
      throw error;
    }
  }

  /** The paths of the files in a library's tarball, without `package/`. */
  async filesPacked(library: Library): Promise<string[]> {
    const { stdout } = await this.#succeed('tar', ['-tzf', this.tarballs.get(library)!]);
    return stdout
      .trim()
      .split('\n')
      .map((file) => file.replace(/^package\//, ''));
  }

  manifest(library: Library): Manifest {
    const path = join(this.directory, 'node_modules', '@latchkey', library, 'package.json');
    return JSON.parse(readFileSync(path, 'utf8')) as Manifest;
  }

  write(file: string, text: string): string {
    const path = join(this.directory, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  }

  /** Runs a script to its end. @throws with its output unless it exits with 0 */
  run(...args: string[]): Promise<Outcome> {
    return this.#succeed(process.execPath, args);
  }

  /** Starts a script, which ends with the project at the latest. */
  start(...args: string[]): ChildProcess {
    return this.processes.spawn(process.execPath, args, { cwd: this.directory, stdio: 'pipe' });
  }

  /** Compiles a folder of this project. @returns the errors, in order */
  async compile(folder: string, compilerOptions: object): Promise<Diagnostic[]> {
    const config = { compilerOptions, include: ['.'] };
    const path = this.write(`${folder}/tsconfig.json`, JSON.stringify(config));
    const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
    const args = [tsc, '-p', path, '--pretty', 'false'];
    const { stdout, stderr, code } = await execute(process.execPath, args, this.directory);
    const diagnostics = diagnosticsIn(stdout);
    if (code !== 0 && diagnostics.length === 0) throw new Error(`tsc: ${stdout}${stderr}`);
    return diagnostics;
  }

  close(): Promise<void> {
    return this.processes.close();
  }

  async #install(): Promise<void> {
    const versions = BESIDE.map((name) => [name, versionInCheckout(name)]);
    const ours = [...this.tarballs].map(([name, path]) => [`@latchkey/${name}`, `file:${path}`]);
    const dependencies: unknown = Object.fromEntries([...ours, ...versions]);
    this.write('package.json', JSON.stringify({ private: true, type: 'module', dependencies }));
    const quietly = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts'];
    await this.#succeed('npm', ['install', ...quietly], INSTALL_MILLISECONDS);
  }

  async #succeed(command: string, args: string[], timeout?: number): Promise<Outcome> {
    const outcome = await execute(command, args, this.directory, timeout);
    if (outcome.code === 0) return outcome;
    const { code, stdout, stderr } = outcome;
    throw new Error(
      `${basename(command)} ${args.join(' ')} exited with ${code}\n${stdout}${stderr}`,
    );
  }
}

async function packLibraries(into: string): Promise<Map<Library, string>> {
  const script = join(CHECKOUT, 'dev/scripts', 'pack-libraries.mjs');
  const { code, stdout, stderr } = await execute(process.execPath, [script, into], into);
  if (code !== 0) throw new Error(`packing failed: ${stdout}${stderr}`);
  const paths = stdout.trim().split('\n');
  return new Map(LIBRARIES.map((name) => [name, tarballOf(name, paths)]));
}

function tarballOf(library: Library, paths: readonly string[]): string {
  const path = paths.find((candidate) =>
    new RegExp(`^latchkey-${library}-\\d`).test(basename(candidate)),
  );
  if (path === undefined) throw new Error(`${library} is not among ${paths.join(', ')}`);
  return path;
}

function versionInCheckout(name: string): string {
  const path = join(CHECKOUT, 'node_modules', name, 'package.json');
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
}

function execute(
  command: string,
  args: string[],
  cwd: string,
  timeout = COMMAND_MILLISECONDS,
): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(command, args, { cwd, timeout }, (error, stdout, stderr) => {
      const code = error ? (typeof error.code === 'number' ? error.code : 1) : 0;
      const failure = error?.killed ? `\ntimed out after ${timeout} ms` : '';
      resolve({ code, stdout, stderr: stderr + failure });
    });
  });
}

function diagnosticsIn(output: string): Diagnostic[] {
  const found = output.matchAll(/^(\S.*)\((\d+),\d+\): error (TS\d+): (.*(?:\n .*)*)/gm);
  return [...found].map(([, path = '', line, code = '', message = '']) => ({
    file: basename(path),
    line: Number(line),
    code,
    message,
  }));
}
