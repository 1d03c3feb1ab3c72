import { ProcessGroup } from '@latchkey/local-stack';
import { once } from 'node:events';
import { descendantsOf, processorMicroseconds } from './processor-time.js';

const SPIN = 'while (process.cpuUsage().user < 200_000); ';
const WAIT = "console.log('done'); setInterval(() => {}, 1e6)";

describe('processorMicroseconds', () => {
  const processes = new ProcessGroup();
  afterAll(() => processes.close());

  const spinning = async (script: string) => {
    const child = processes.spawn(process.execPath, ['-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout!, 'data');
    return child.pid!;
  };

  it('counts the CPU time of a process', async () => {
    const pid = await spinning(SPIN + WAIT);
    expect(processorMicroseconds(pid)).toBeGreaterThan(50_000);
    expect(processorMicroseconds(pid)).toBeLessThan(5_000_000);
  });

  it('includes the descendants of the process', async () => {
    // The grandchild ends with its parent, because it is not in the process group.
    const script = JSON.stringify(`process.on('disconnect', () => process.exit()); ${SPIN}${WAIT}`);
    const stdio = "['ignore', 'inherit', 'inherit', 'ipc']";
    const child = `require('child_process').spawn(process.execPath, ['-e', ${script}], { stdio: ${stdio} })`;
    const pid = await spinning(child);
    expect(descendantsOf(pid)).toHaveLength(1);
    expect(processorMicroseconds(pid)).toBeGreaterThan(50_000);
  });

  it('includes descendants that have ended', async () => {
    const ended = `require('child_process').spawnSync(process.execPath, ['-e', ${JSON.stringify(SPIN)}]); `;
    const pid = await spinning(ended + WAIT);
    expect(descendantsOf(pid)).toHaveLength(0);
    expect(processorMicroseconds(pid)).toBeGreaterThan(100_000);
  });

  it('is undefined for a process that has ended', () => {
    expect(processorMicroseconds(2 ** 22 + 1)).toBeUndefined();
  });
});
