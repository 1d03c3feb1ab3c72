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
  mirror: string;
}

/**
 * By `ID` of os-release. Run by hand: Debian 12 with trixie, as root and as an ordinary user.
 * Ubuntu's row follows the same path but was never run on Ubuntu.
 */
export const ARCHIVES: Readonly<Record<string, Archive>> = {
  debian: {
    suites: ['trixie', 'stable'],
    component: 'main',
    keyring: '/usr/share/keyrings/debian-archive-keyring.gpg',
    mirror: 'http://deb.debian.org/debian/',
  },
  ubuntu: {
    suites: ['resolute', 'questing'],
    component: 'universe',
    keyring: '/usr/share/keyrings/ubuntu-archive-keyring.gpg',
    mirror: 'http://archive.ubuntu.com/ubuntu/',
  },
};

export interface PackageRequest {
  leash: Leash;
  /** An empty directory for everything that comes up on the way. */
  workDirectory: string;
  packageName: string;
  /** Path of the wanted file inside the package. */
  file: string;
  onProgress?: (message: string) => void;
}

/**
 * A program out of a newer suite of this machine's own archive, unpacked, not installed: apt gets
 * lists, state and cache of its own, so neither root nor the machine's configuration is touched,
 * and it checks the archive's signature as always.
 * @returns one path per suite that had it, tried in order by the caller; empty on other systems
 */
export async function* unpackFromArchive(request: PackageRequest): AsyncGenerator<string> {
  const system = osRelease();
  const archive = ARCHIVES[system['ID'] ?? ''];
  if (!archive || !existsSync(archive.keyring)) return;
  const mirror = mirrorOf(system['VERSION_CODENAME']) ?? archive.mirror;
  for (const suite of archive.suites) {
    request.onProgress?.(`getting ${request.packageName} out of ${system['ID']} ${suite}`);
    const source = `deb [signed-by=${archive.keyring}] ${mirror} ${suite} ${archive.component}\n`;
    yield await unpack(request, join(request.workDirectory, suite), source);
  }
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

async function unpack(request: PackageRequest, root: string, source: string): Promise<string> {
  const { leash, packageName, file } = request;
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
