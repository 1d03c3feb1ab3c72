import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ProcessGroup } from './process-group.js';
import { acquireRunLock } from './run-lock.js';

const BUILT = new URL('../../dist/index.js', import.meta.url).href;

describe('acquireRunLock', () => {
  let directory: string;
  let processes: ProcessGroup;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'latchkey-run-'));
    processes = new ProcessGroup();
  });
  afterEach(async () => {
    await processes.close();
    rmSync(directory, { recursive: true });
  });

  /** Another run, whose child takes a while to shut down and then writes a file. */
  async function otherRun(endedFile: string) {
    const child = `
      process.on('SIGTERM', () => setTimeout(() => {
        require('node:fs').writeFileSync(${JSON.stringify(endedFile)}, '');
        process.exit();
      }, 300));
      console.log('up');
      setInterval(() => undefined, 1000);`;
    const program = `
      import { acquireRunLock, ProcessGroup } from ${JSON.stringify(BUILT)};
      const processes = new ProcessGroup();
      await acquireRunLock(${JSON.stringify(directory)}, processes);
      const child = processes.spawn(process.execPath, ['-e', ${JSON.stringify(child)}]);
      child.stdout.once('data', () => console.log('up'));
      setInterval(() => undefined, 1000);`;
    const run = spawn(process.execPath, ['--input-type=module', '-e', program]);
    run.stderr.pipe(process.stderr);
    await once(run.stdout, 'data');
    return run;
  }

  it('names the process that is already running', async () => {
    const other = await otherRun(join(directory, 'ended'));
    await expect(acquireRunLock(directory, processes)).rejects.toThrow(
      `already running on the data in ${directory} (process ${other.pid})`,
    );
    other.kill('SIGKILL');
    await once(other, 'exit');
    await acquireRunLock(directory, processes);
  });

  it('waits until the processes of a killed run have ended', async () => {
    const ended = join(directory, 'ended');
    const other = await otherRun(ended);
    other.kill('SIGKILL');
    await once(other, 'exit');
    const lock = await acquireRunLock(directory, processes);
    expect(existsSync(ended)).toBe(true);
    lock.release();
  });
});
