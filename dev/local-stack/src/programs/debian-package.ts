import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bareEnvironment } from '../config.js';
import type { Launcher } from '../processes/launcher.js';
import { ManagedProcess } from '../processes/managed-process.js';

/** A distribution's own archive. */
interface Archive {
  /** Suites whose programs are newer than the machine's own, best first. */
  newerSuites: readonly string[];
  component: string;
  keyring: string;
}

/**
 * By `ID` of os-release. Debian's row was run on Debian 12, as root and as an ordinary user. Of
 * Ubuntu's row the suites and their signatures were tried from Debian, where the programs ran too;
 * the whole way was never run on an Ubuntu machine.
 */
export const ARCHIVES: Readonly<Record<string, Archive>> = {
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
   * `newer`: the package alone, out of a newer suite than the machine's: for a program that brings
   * everything with it. `own`: of the machine's own suite, with the packages that it depends on and
   * that are not installed.
   */
  suite: 'newer' | 'own';
}

export interface PackageRequest extends WantedPackage {
  processes: Launcher;
  /** An empty directory for everything that comes up on the way. */
  workDirectory: string;
}

/** One suite of this machine's own archive. */
export interface ArchiveSuite {
  /** For the user to read. */
  label: string;
  suite: string;
  /** Its line of sources.list. */
  source: string;
}

/** Where to look on this machine, in this order; empty where there is no apt, or none set up. */
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

/** The mirror that this machine uses: another one may be out of its reach. */
function mirrorOf(codename: string): string | undefined {
  const format = ['--format', '$(RELEASE) $(REPO_URI)'];
  const targets = execFileSync('apt-get', ['indextargets', ...format], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).split('\n');
  return targets.map((line) => line.split(' ')).find(([release]) => release === codename)?.[1];
}

/**
 * Gets a package out of a suite and unpacks it, without installing it: apt has lists, state and
 * cache of its own, so neither root nor the machine's configuration is touched, and it checks the
 * archive's signature as always.
 * @returns the directory that it was unpacked into
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
    // What is installed already need not be got; it is only read.
    'Dir::State::status': wanted === 'own' ? '/var/lib/dpkg/status' : at('status'),
    'Dir::Cache': at('cache'),
    'Acquire::Languages': 'none',
    'Acquire::http::Timeout': '20',
    // A suite that could not be read is an error, not an empty suite.
    'APT::Update::Error-Mode': 'any',
    // Started by root, apt would turn into an account that cannot enter our directories.
    'APT::Sandbox::User': 'root',
    // Nothing is installed, so nothing of the machine's needs to be locked.
    'Debug::NoLocking': 'true',
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
}
