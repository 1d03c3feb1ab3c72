import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { waitFor } from '@latchkey/local-stack';

const TRY = fileURLToPath(new URL('../../../scripts/try-containers.mjs', import.meta.url));

describe('try-containers', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'latchkey-docker-'));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const writeDocker = (script: string) =>
    writeFileSync(join(directory, 'docker'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const env = () => ({ PATH: `${directory}:/nowhere` });

  /** @param docker the script of a fake docker command; undefined without Docker */
  const run = (args: string[], docker?: string) => {
    if (docker !== undefined) writeDocker(docker);
    return spawnSync(process.execPath, [TRY, ...args], { encoding: 'utf8', env: env() });
  };

  it.each([
    ['there is no docker', undefined, 'the command "docker" is not installed'],
    [
      'the engine does not respond',
      'echo "cannot connect" >&2; exit 1',
      'does not respond (cannot connect)',
    ],
    ['Compose is missing', '[ "$1" = version ]', 'docker has no "compose" command'],
  ])('is skipped with an explanation if %s', (_, docker, reason) => {
    const { status, stdout } = run([], docker);
    expect(stdout).toMatch(/^Skipped, and nothing was tried: .*\.\n$/);
    expect(stdout).toContain(reason);
    expect(status).toBe(0);
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('ends the running command and removes the project on %s', async (signal, code) => {
    const pidFile = join(directory, 'pid');
    const removed = join(directory, 'removed');
    writeDocker(`
      for argument; do
        case $argument in
          build) echo $$ > ${pidFile}; exec /bin/sleep 60 ;;
          down) read -r pid < ${pidFile}; kill -0 $pid 2> /dev/null || : > ${removed} ;;
        esac
      done`);
    const trial = spawn(process.execPath, [TRY], { env: env(), stdio: 'ignore' });
    const exit = once(trial, 'exit');
    await waitFor(() => existsSync(pidFile) && readFileSync(pidFile, 'utf8').endsWith('\n'));
    trial.kill(signal);
    expect(await exit).toEqual([code, null]);
    expect(existsSync(removed)).toBe(true);
  });

  it('has a help text', () => {
    const { status, stdout } = run(['--help']);
    expect(status).toBe(0);
    expect(stdout).toContain('takes all of it down again');
  });

  it.each([
    [['--replicas', '0'], "'0' is not a whole number from 1 to 10"],
    [['--replicas', '11'], "'11' is not a whole number from 1 to 10"],
    [['--replicas', 'four'], "'four' is not a whole number from 1 to 10"],
    [['--replicas'], 'Usage: node dev/scripts/try-containers.mjs'],
    [['--fast'], 'Usage: node dev/scripts/try-containers.mjs'],
    [['orders'], 'Usage: node dev/scripts/try-containers.mjs'],
  ])('exits with 2 for %j', (args, message) => {
    const { status, stderr } = run(args);
    expect(stderr).toContain(message);
    expect(status).toBe(2);
  });
});
