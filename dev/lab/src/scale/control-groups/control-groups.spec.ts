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
  it('says that cgroup v2 is not mounted', () => {
    expect(messageOf(() => ControlGroups.open([]))).toBe(
      'control groups: cgroup v2 is not mounted',
    );
  });

  it('names each group that it could not use once', () => {
    const missing = '/nowhere/at/all';
    const message = messageOf(() =>
      ControlGroups.open([
        { top: missing, own: missing },
        { top: missing, own: join(missing, 'own') },
      ]),
    );
    expect(message.match(/ENOENT.*\/nowhere\/at\/all/g)).toHaveLength(3);
  });

  it('says that the cpu controller is not delegated', () => {
    const group = mkdtempSync(join(tmpdir(), 'latchkey-cgroup-'));
    try {
      writeFileSync(join(group, 'cgroup.controllers'), 'memory pids\n');
      const message = messageOf(() => ControlGroups.open([{ top: group, own: group }]));
      expect(message).toMatch(`${group} does not have the 'cpu' controller`);
    } finally {
      rmSync(group, { recursive: true });
    }
  });
});
