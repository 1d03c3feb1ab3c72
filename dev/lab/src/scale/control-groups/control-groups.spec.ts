import type { Launcher } from '@latchkey/local-stack';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NotPossibleHereError } from '../../experiment.js';
import { ControlGroups } from './control-groups.js';

/** Nothing is started here. */
const none: Launcher = {
  spawn: () => {
    throw new Error('started');
  },
  removeAtEnd: () => undefined,
};

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
  it('says that there are no control groups', () => {
    expect(messageOf(() => ControlGroups.open(none, []))).toBe(
      'control groups: no hierarchy is mounted',
    );
  });

  it('names what it could not use, each way once', () => {
    const missing = '/nowhere/at/all';
    const message = messageOf(() =>
      ControlGroups.open(none, [
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
      const message = messageOf(() => ControlGroups.open(none, [hierarchy]));
      expect(message).toMatch(`the controller 'cpu' is not there in ${group}`);
    } finally {
      rmSync(group, { recursive: true });
    }
  });
});
