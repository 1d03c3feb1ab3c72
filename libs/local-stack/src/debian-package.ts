import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { bareEnvironment } from './config.js';
import type { Leash } from './leash.js';
import { LeashedProcess } from './leashed-process.js';

/** Where a distribution's own archive has a server that is new enough, best first. */
interface Archive {
  suites: readonly string[];
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
    suites: ['trixie', 'stable'],
    component: 'main',
    keyring: '/usr/share/keyrings/debian-archive-keyring.gpg',
  },
  ubuntu: {
    suites: ['resolute', 'questing'],
    component: 'universe',
    keyring: '/usr/share/keyrings/ubuntu-archive-keyring.gpg',
  },
};

export interface PackageRequest {
  leash: Leash;
  /** An empty directory for everything that comes up on the way. */
  workDirectory: string;
  packageName: string;
  /** Path of the wanted file inside the package. */
  file: string;
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
export function archiveSuites(): ArchiveSuite[] {
  const system = osRelease();
  const id = system['ID'] ?? '';
  const archive = ARCHIVES[id];
  if (!archive || !existsSync(archive.keyring)) return [];
  const mirror = mirrorOf(system['VERSION_CODENAME']);
  if (mirror === undefined) return [];
  return archive.suites.map((suite) => ({
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
function mirrorOf(codename: string | undefined): string | undefined {
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
 * @returns the path of the wanted file
 */
export async function unpackPackage(
  { leash, workDirectory, packageName, file }: PackageRequest,
  { suite, source }: ArchiveSuite,
): Promise<string> {
  const root = join(workDirectory, suite);
  const at = (...names: string[]) => join(root, ...names);
  for (const directory of ['parts', 'state/lists/partial', 'cache/archives/partial', 'download'])
    mkdirSync(at(directory), { recursive: true });
  writeFileSync(at('sources.list'), source);
  writeFileSync(at('status'), '');
  const settings = {
    'Dir::Etc::SourceList': at('sources.list'),
    'Dir::Etc::SourceParts': at('parts'),
    'Dir::State': at('state'),
    'Dir::State::status': at('status'),
    'Dir::Cache': at('cache'),
    'Acquire::Languages': 'none',
    'Acquire::http::Timeout': '20',
    // A suite that could not be read is an error, not an empty suite.
    'APT::Update::Error-Mode': 'any',
    // Started by root, apt would turn into an account that cannot enter our directories.
    'APT::Sandbox::User': 'root',
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  const run = (command: string, args: string[]) =>
    new LeashedProcess({
      leash,
      name: command,
      command,
      args,
      env: { ...bareEnvironment(), LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' },
      logFile: at(`${command}.log`),
      cwd: at('download'),
    }).run();
  await run('apt-get', [...options, '-q', 'update']);
  await run('apt-get', [...options, '-q', 'download', packageName]);
  const deb = readdirSync(at('download')).find((name) => name.endsWith('.deb'));
  if (deb === undefined) throw new Error(`apt-get downloaded no ${packageName}`);
  await run('dpkg-deb', ['-x', at('download', deb), at('unpacked')]);
  copyFileSync(at('unpacked', file), at(packageName));
  return at(packageName);
}
