import { ProcessGroup, temporaryDirectory, waitFor } from '@latchkey/local-stack';
import { join } from 'node:path';
import { Clock } from './clock.js';

const LOOK = `
  const told = () => [Date.now(), new Date().getTime(), +new Date(5), new Date(0) instanceof Date];
  process.on('SIGUSR2', () => console.log(JSON.stringify(told())));
  setInterval(() => undefined, 1000);
  console.log('[]');
`;

describe('Clock', () => {
  it('sets the wall clock of a running process', async () => {
    const processes = new ProcessGroup();
    try {
      const clock = new Clock(join(temporaryDirectory(processes), 'clock'));
      const child = processes.spawn(process.execPath, [clock.nodeOptions, '-e', LOOK], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let output = '';
      child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
      await waitFor(() => output.includes('[]'));
      const isOff = async (expected: number) => {
        output = '';
        child.kill('SIGUSR2');
        await waitFor(() => output.endsWith('\n'));
        const [now = 0, fresh = 0, fixed, isDate] = JSON.parse(output) as number[];
        expect([fixed, isDate]).toEqual([5, true]);
        return [now, fresh].every((time) => Math.abs(time - Date.now() - expected) < 1_000);
      };
      await waitFor(() => isOff(0));
      clock.skew(-60_000);
      await waitFor(() => isOff(-60_000));
      clock.skew(0);
      await waitFor(() => isOff(0));
    } finally {
      await processes.close();
    }
  });
});
