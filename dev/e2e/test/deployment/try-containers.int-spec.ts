import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const TRY = fileURLToPath(new URL('../../../scripts/try-containers.mjs', import.meta.url));

describe('try-containers', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'latchkey-docker-'));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  /** @param docker the script of a fake docker command; undefined without Docker */
  const run = (args: string[], docker?: string) => {
    if (docker !== undefined)
      writeFileSync(join(directory, 'docker'), `#!/bin/sh\n${docker}\n`, { mode: 0o755 });
    return spawnSync(process.execPath, [TRY, ...args], {
      encoding: 'utf8',
      env: { PATH: `${directory}:/nowhere` },
    });
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
