import { ProcessGroup, waitFor } from '@latchkey/local-stack';
import { processorMicroseconds } from '@latchkey/load-generator';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { NotPossibleHereError } from '../../experiment.js';
import { untilHeld } from '../share-fixture.js';
import { Containers } from './containers.js';

const BUSY = `process.stdout.write([process.pid, process.getuid(), process.env.WORD].join()); for (;;);`;
const processes = new ProcessGroup();
afterAll(() => processes.close());

function openOrWhyNot(): Containers | string {
  try {
    return Containers.open(processes);
  } catch (error) {
    if (error instanceof NotPossibleHereError) return error.message;
    throw error;
  }
}

/** The value after `key:` that the process has in the kernel's account of it. */
const statusOf = (pid: number, key: string) =>
  new RegExp(`^${key}:\\s*(\\S+)`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];

describe('Containers', () => {
  const containers = openOrWhyNot();

  if (typeof containers === 'string')
    it('say why they cannot be had', () => expect(containers).toMatch(/^[dD]ocker/));
  else
    it('hold a process of this machine to a part of a core, count it, and end with it', async () => {
      const child = containers.launcher.spawn(process.execPath, ['-e', BUSY], {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { WORD: 'a b=c' },
      });
      const [said] = (await once(child.stdout!, 'data')) as [Buffer];
      const pid = containers.processOf(child.pid!);
      expect(said.toString()).toBe([pid, process.getuid!(), 'a b=c'].join(','));
      expect(statusOf(pid, 'NoNewPrivs')).toBe('1');

      const share = containers.share('busy');
      share.add(child.pid!);
      share.limitTo(0.1);
      await untilHeld(share, 0.1);
      share.remove();
      const atRemoval = processorMicroseconds(pid)!;
      await waitFor(() => processorMicroseconds(pid)! - atRemoval > 500_000, {
        timeoutMs: 20_000,
        what: 'half a second of processor time without a limit',
      });

      child.kill('SIGKILL'); // the `docker` that waits
      await waitFor(() => !existsSync(`/proc/${pid}`), {
        timeoutMs: 20_000,
        what: 'the end of its process',
      });
      containers.close();
    });
});
