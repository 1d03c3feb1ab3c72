import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { containerCommand, machineMounts } from './container-command.js';

describe('containerCommand', () => {
  const args = containerCommand({
    image: 'nothing',
    name: 'replica-1',
    label: 'run=7',
    command: '/usr/bin/node',
    args: ['main.js', '--port', '1'],
    variables: ['PORT', 'DATABASE_URL'],
    workingDirectory: '/srv',
    uid: 1000,
    gid: 100,
    mounts: new Map([['/bin', '/usr/bin']]),
  });
  const valuesOf = (option: string) => args.filter((_, index) => args[index - 1] === option);

  it('ends in the image and the program', () => {
    expect(args.slice(-5)).toEqual(['nothing', '/usr/bin/node', 'main.js', '--port', '1']);
  });

  it('takes nothing away but what the limit does', () => {
    for (const option of ['--network', '--pid', '--ipc'])
      expect(valuesOf(option)).toEqual(['host']);
    expect(valuesOf('--user')).toEqual(['1000:100']);
    expect(valuesOf('--mount')).toEqual(['type=bind,source=/usr/bin,target=/bin']);
    expect(valuesOf('--workdir')).toEqual(['/srv']);
  });

  it('gives it no privilege that its account has not, and names variables without their values', () => {
    expect(args).not.toContain('--privileged');
    expect(valuesOf('--security-opt')).toContain('no-new-privileges');
    expect(valuesOf('--env')).toEqual(['PORT', 'DATABASE_URL']);
  });
});

describe('machineMounts', () => {
  const top = mkdtempSync(join(tmpdir(), 'latchkey-top-'));
  afterAll(() => rmSync(top, { recursive: true }));

  it('has all directories, links to them followed, but those that are the engine’s', () => {
    for (const name of ['dev', 'proc', 'sys', 'home', 'usr']) mkdirSync(join(top, name));
    mkdirSync(join(top, 'usr', 'bin'));
    symlinkSync('usr/bin', join(top, 'bin'));
    symlinkSync('nowhere', join(top, 'dangling'));
    writeFileSync(join(top, 'vmlinuz'), '');
    symlinkSync('vmlinuz', join(top, 'vmlinuz.old'));
    expect([...machineMounts(top)].toSorted()).toEqual([
      ['/bin', join(top, 'usr/bin')],
      ['/home', join(top, 'home')],
      ['/usr', join(top, 'usr')],
    ]);
  });
});
