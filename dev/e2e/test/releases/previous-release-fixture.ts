import { ProcessGroup, temporaryDirectory } from '@latchkey/local-stack';
import { transformFileSync, type Options } from '@swc/core';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PREVIOUS_RELEASE } from './previous-release.js';

const CHECKOUT = fileURLToPath(new URL('../../../..', import.meta.url));
const NOT_SHIPPED = /\.(spec|int-spec|e2e-spec|suite)\.ts$|-fixture\.ts$|\.d\.ts$/;
/** The options of that release, whatever later ones use. Compiling with `tsc` would take longer than the tests. */
const COMPILER: Options = {
  swcrc: false,
  module: { type: 'es6' },
  jsc: {
    target: 'es2023',
    parser: { syntax: 'typescript', decorators: true },
    transform: {
      legacyDecorator: true,
      decoratorMetadata: true,
      useDefineForClassFields: true,
    },
    experimental: { keepImportAttributes: true },
  },
};

export interface PreviousRelease {
  /** The compiled main module of a service. */
  readonly entryOf: (app: string) => string;
  readonly natsConfiguration: string;
  /** Deletes its files. */
  readonly close: () => Promise<void>;
}

/** Whether this clone has the commit. A shallow clone or an unpacked archive does not. */
export function hasPreviousRelease(): boolean {
  try {
    git('cat-file', '-e', `${PREVIOUS_RELEASE}^{commit}`);
    return true;
  } catch {
    return false;
  }
}

/** Compiles the previous release, with its own libraries and the packages of this checkout. */
export function buildPreviousRelease(): PreviousRelease {
  const processes = new ProcessGroup();
  const directory = temporaryDirectory(processes);
  const archive = join(directory, 'release.tar');
  git('archive', '--output', archive, PREVIOUS_RELEASE, 'apps', 'libs', 'deploy');
  execFileSync('tar', ['-xf', archive, '-C', directory]);
  for (const project of ['apps', 'libs'].flatMap((kind) => projectsIn(join(directory, kind))))
    compile(project);
  linkPackages(directory);
  return {
    entryOf: (app) => join(directory, 'apps', app, 'dist', 'main.js'),
    natsConfiguration: join(directory, 'deploy', 'nats.conf'),
    close: () => processes.close(),
  };
}

function git(...args: string[]): void {
  execFileSync('git', args, { cwd: CHECKOUT, stdio: 'pipe' });
}

/** The folders that Node.js runs code of, at any depth, because releases differ in layout. */
function projectsIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => basename(path) === 'tsconfig.build.json')
    .map((path) => join(folder, dirname(path)));
}

function compile(project: string): void {
  const source = join(project, 'src');
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' });
  for (const file of files.filter((name) => name.endsWith('.ts') && !NOT_SHIPPED.test(name))) {
    const target = join(project, 'dist', file.replace(/\.ts$/, '.js'));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, transformFileSync(join(source, file), COMPILER).code);
  }
}

/** Links the release's own libraries by name, and all other packages of this checkout. */
function linkPackages(directory: string): void {
  const [installed, linked] = [CHECKOUT, directory].map((root) => join(root, 'node_modules')) as [
    string,
    string,
  ];
  mkdirSync(join(linked, '@latchkey'), { recursive: true });
  for (const name of readdirSync(installed))
    if (name !== '@latchkey' && !name.startsWith('.'))
      symlinkSync(join(installed, name), join(linked, name));
  for (const project of projectsIn(join(directory, 'libs'))) {
    const manifest = readFileSync(join(project, 'package.json'), 'utf8');
    const { name } = JSON.parse(manifest) as { name: string };
    symlinkSync(project, join(linked, name));
  }
}
