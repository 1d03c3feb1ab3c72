import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bareEnvironment } from '../config.js';
import type { Launcher } from '../processes/launcher.js';
import { ManagedProcess } from '../processes/managed-process.js';

/** A distribution's package archive. */
interface Archive {
  /** Suites with newer programs than the machine's own suite, in order of preference. */
  newerSuites: readonly string[];
  component: string;
  keyring: string;
}

/**
 * Archives by the `ID` in os-release. The Debian entry was tested on Debian 12, as root and as an
 * ordinary user. The Ubuntu entry was tested only on Debian: suites, signatures and programs.
 */
const ARCHIVES: Readonly<Record<string, Archive>> = {
  debian: {
    newerSuites: ['trixie', 'stable'],
    component: 'main',
    keyring: '/usr/share/keyrings/debian-archive-keyring.gpg',
  },
  ubuntu: {
    newerSuites: ['resolute', 'questing'],
    component: 'universe',
    keyring: '/usr/share/keyrings/ubuntu-archive-keyring.gpg',
  },
};

export interface WantedPackage {
  packageName: string;
  /**
   * `newer`: only the package itself, from a suite newer than the machine's, for a program without
   * dependencies. `own`: from the machine's own suite, with the dependencies that are not installed.
   */
  suite: 'newer' | 'own';
}

export interface PackageRequest extends WantedPackage {
  processes: Launcher;
  /** An empty directory for intermediate files. */
  workDirectory: string;
}

/** One suite of the archive of this machine's distribution. */
export interface ArchiveSuite {
  /** The name shown to the user. */
  label: string;
  suite: string;
  /** The line for sources.list. */
  source: string;
}

/** The suites to try, in order. Empty on a machine without a configured apt. */
export function archiveSuites(wanted: WantedPackage['suite']): ArchiveSuite[] {
  const system = osRelease();
  const { ID: id = '', VERSION_CODENAME: codename } = system;
  const archive = ARCHIVES[id];
  if (!archive || !existsSync(archive.keyring) || codename === undefined) return [];
  const mirror = mirrorOf(codename);
  if (mirror === undefined) return [];
  const suites = wanted === 'own' ? [codename] : archive.newerSuites;
  return suites.map((suite) => ({
    label: `${id} ${suite}`,
    suite,
    source: `deb [signed-by=${archive.keyring}] ${mirror} ${suite} ${archive.component}\n`,
  }));
}

function osRelease(): Record<string, string> {
  if (!existsSync('/etc/os-release')) return {};
  const lines = readFileSync('/etc/os-release', 'utf8').split('\n');
  const pairs = lines.map((line) => /^(\w+)="?(.*?)"?$/.exec(line)?.slice(1) ?? []);
  return Object.fromEntries(pairs.filter((pair) => pair.length === 2)) as Record<string, string>;
}

/** The mirror in this machine's apt configuration, because others may be out of its reach. */
function mirrorOf(codename: string): string | undefined {
  const format = ['--format', '$(RELEASE) $(REPO_URI)'];
  const targets = execFileSync('apt-get', ['indextargets', ...format], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).split('\n');
  return targets.map((line) => line.split(' ')).find(([release]) => release === codename)?.[1];
}

/**
 * Downloads a package and unpacks it without installing it. apt works on its own lists, state and
 * cache, so it needs no root and does not change the machine's configuration. It verifies the
 * archive's signature as usual.
 * @returns the directory with the unpacked files
 */
export async function unpackPackage(
  { processes, workDirectory, packageName, suite: wanted }: PackageRequest,
  { suite, source }: ArchiveSuite,
): Promise<string> {
  const root = join(workDirectory, suite);
  const at = (...names: string[]) => join(root, ...names);
  for (const directory of ['parts', 'state/lists/partial', 'cache/archives/partial'])
    mkdirSync(at(directory), { recursive: true });
  writeFileSync(at('sources.list'), source);
  writeFileSync(at('status'), '');
  const options = aptOptions(at, wanted);
  const archives = at('cache/archives');
  const run = (command: string, args: string[]) =>
    new ManagedProcess({
      processes,
      name: command,
      command,
      args,
      env: { ...bareEnvironment(), LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' },
      logFile: at(`${command}.log`),
      cwd: archives,
    }).run();
  await run('apt-get', [...options, '-q', 'update']);
  const get =
    wanted === 'own'
      ? ['-y', '--no-install-recommends', '--download-only', 'install', packageName]
      : ['download', packageName];
  await run('apt-get', [...options, '-q', ...get]);
  const packages = readdirSync(archives).filter((name) => name.endsWith('.deb'));
  if (packages.length === 0) throw new Error(`apt-get downloaded no ${packageName}`);
  for (const name of packages) await run('dpkg-deb', ['-x', join(archives, name), at('unpacked')]);
  return at('unpacked');
}

function aptOptions(at: (name: string) => string, wanted: WantedPackage['suite']): string[] {
  const settings = {
    'Dir::Etc::SourceList': at('sources.list'),
    'Dir::Etc::SourceParts': at('parts'),
    'Dir::State': at('state'),
    // Read only, to skip dependencies that are installed.
    'Dir::State::status': wanted === 'own' ? '/var/lib/dpkg/status' : at('status'),
    'Dir::Cache': at('cache'),
    'Acquire::Languages': 'none',
    'Acquire::http::Timeout': '20',
    // Report a suite that cannot be read as an error, not as an empty suite.
    'APT::Update::Error-Mode': 'any',
    // As root, apt would switch to an account that cannot enter these directories.
    'APT::Sandbox::User': 'root',
    // Nothing is installed, so the machine's package database need not be locked.
    'Debug::NoLocking': 'true',
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
}
