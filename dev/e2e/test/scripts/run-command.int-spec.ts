import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitFor } from '@latchkey/local-stack';

const RUN_COMMAND = new URL('../../../scripts/run-command.mjs', import.meta.url);

function isRunning(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
}

describe('a command of the scripts', () => {
  const directory = mkdtempSync(join(tmpdir(), 'latchkey-run-command-'));
  const pidFile = join(directory, 'pid');
  afterAll(() => rmSync(directory, { recursive: true }));

  it.each(['SIGKILL', 'SIGTERM'] as const)(
    'leaves no grandchild running when its starter gets %s',
    async (signal) => {
      rmSync(pidFile, { force: true });
      // The command ignores SIGTERM, and so does the process that it starts itself.
      const command = `trap '' TERM; sleep 300 & echo $! > ${pidFile}; wait`;
      const program = `
        import { runCommand } from '${RUN_COMMAND.href}';
        const running = runCommand('sleeping', 'sh', ['-c', ${JSON.stringify(command)}], { cwd: '/' });
        console.log('started');
        await running;`;
      const starter = spawn(process.execPath, ['--input-type=module', '-e', program]);
      await once(starter.stdout, 'data');
      await waitFor(() => existsSync(pidFile) && readFileSync(pidFile, 'utf8').endsWith('\n'));
      const grandchild = Number(readFileSync(pidFile, 'utf8'));
      expect(isRunning(grandchild)).toBe(true);

      const gone = once(starter, 'exit');
      starter.kill(signal);
      await gone;
      // The reaper gives the command two seconds.
      await waitFor(() => !isRunning(grandchild), { timeoutMs: 20_000 });
    },
  );
});
