import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NotPossibleHereError } from '../../experiment.js';
import { ControlGroups } from './control-groups.js';

function messageOf(open: () => unknown): string {
  try {
    open();
  } catch (error) {
    expect(error).toBeInstanceOf(NotPossibleHereError);
    return (error as Error).message;
  }
  throw new Error('control groups were opened');
}

describe('ControlGroups.open', () => {
  it('says what to do where there are no control groups', () => {
    const message = messageOf(() => ControlGroups.open([]));
    expect(message).toMatch('no hierarchy is mounted');
    expect(message).toMatch('Run it as root');
    expect(message).toMatch('systemd-run --user --scope -p Delegate=yes');
    expect(message).toMatch('docker run --rm -it --init --privileged');
    expect(message).toMatch('Nothing was measured');
  });

  it('names what it could not use, each way once', () => {
    const missing = '/nowhere/at/all';
    const message = messageOf(() =>
      ControlGroups.open([
        { version: 1, controllers: ['cpu', 'cpuacct'], top: missing, own: missing },
        { version: 2, controllers: [], top: missing, own: missing },
      ]),
    );
    expect(message.match(/ENOENT.*\/nowhere\/at\/all/g)).toHaveLength(2);
  });

  it('says so when the processor is not delegated', () => {
    const group = mkdtempSync(join(tmpdir(), 'latchkey-cgroup-'));
    try {
      writeFileSync(join(group, 'cgroup.controllers'), 'memory pids\n');
      const hierarchy = { version: 2, controllers: [], top: group, own: group } as const;
      const message = messageOf(() => ControlGroups.open([hierarchy]));
      expect(message).toMatch(`the controller 'cpu' is not there in ${group}`);
    } finally {
      rmSync(group, { recursive: true });
    }
  });
});
