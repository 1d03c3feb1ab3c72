import { ProcessGroup, waitFor } from '@latchkey/local-stack';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { NotPossibleHereError } from '../../experiment.js';
import { untilHeld } from '../../../test/until-held.js';
import { ControlGroups } from './control-groups.js';

/** A busy process with a busy child. */
const BUSY = `
  const child = require('node:child_process').spawn(process.execPath, ['-e', 'for (;;);']);
  process.stdout.write(String(child.pid));
  child.once('spawn', () => { for (;;); });
`;

const membership = (pid: number) => readFileSync(`/proc/${pid}/cgroup`, 'utf8');

const processes = new ProcessGroup();
afterAll(() => processes.close());

async function busyProcess(): Promise<{ readonly process: ChildProcess; readonly child: number }> {
  const process = processes.spawn(globalThis.process.execPath, ['-e', BUSY], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [child] = (await once(process.stdout!, 'data')) as [Buffer];
  return { process, child: Number(child.toString()) };
}

function openOrWhyNot(): ControlGroups | string {
  try {
    return ControlGroups.open();
  } catch (error) {
    if (error instanceof NotPossibleHereError) return error.message;
    throw error;
  }
}

describe('ControlGroups', () => {
  it('holds a process and its child to a part of a core and counts their time, or says why it cannot', async () => {
    const groups = openOrWhyNot();
    if (typeof groups === 'string') return expect(groups).toMatch('control groups: ');
    const { process, child } = await busyProcess();
    const before = membership(child);
    const share = groups.share('busy');
    try {
      share.add(process.pid!);
      share.limitTo(0.1);
      await untilHeld(share, 0.1);
      share.lift();
      const lifted = share.usedMicroseconds();
      await waitFor(() => share.usedMicroseconds() - lifted > 500_000, {
        timeoutMs: 20_000,
        what: 'half a second of processor time without a limit',
      });
      for (const pid of [process.pid!, child])
        expect(membership(pid)).toMatch(/latchkey-lab-\d+\/busy/);
    } finally {
      share.remove();
    }
    expect(membership(child)).not.toMatch('busy');
    groups.close();
    expect(membership(child)).toBe(before);
    expect(membership(child)).not.toMatch('latchkey');
    globalThis.process.kill(child, 'SIGKILL');
    process.kill('SIGKILL');
  });
});
