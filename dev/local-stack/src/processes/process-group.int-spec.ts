import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { startTimeOf } from '../../reaper/process-identity.mjs';
import { ProcessGroup } from './process-group.js';
import { waitFor } from './wait-for.js';

const BUILT = new URL('../../dist/index.js', import.meta.url).href;
const REAPER = fileURLToPath(new URL('../../reaper/reaper.mjs', import.meta.url));
const isAlive = (pid: number) => startTimeOf(pid) !== undefined;

interface Pids {
  reaper: number;
  children: number[];
}
interface Started extends Pids {
  starter: ChildProcess;
  /** The pids that it printed last. */
  latest: () => Pids;
}

/** Starts a process that starts a group, and keeps printing its pids. */
async function startStarter(childProgram: string, directory = ''): Promise<Started> {
  const program = `
    import { ProcessGroup } from ${JSON.stringify(BUILT)};
    const processes = new ProcessGroup({ graceMs: 300 });
    const directory = ${JSON.stringify(directory)};
    if (directory) processes.removeAtEnd(directory);
    const start = () => processes.spawn(process.execPath, ['-e', ${JSON.stringify(childProgram)}]);
    const children = [start(), start()];
    for (const child of children) await new Promise((resolve) => child.stdout.once('data', resolve));
    setInterval(() => {
      const pids = { reaper: processes.reaperPid, children: children.map((child) => child.pid) };
      console.log(JSON.stringify(pids));
    }, 20);`;
  const starter = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  let latest: Pids | undefined;
  createInterface({ input: starter.stdout }).on('line', (line) => {
    latest = JSON.parse(line) as Pids;
  });
  const first = await waitFor(() => latest);
  return { starter, ...first, latest: () => latest ?? first };
}

const OBEDIENT = `console.log('up'); setInterval(() => {}, 1000)`;
const STUBBORN = `process.on('SIGTERM', () => {}); ${OBEDIENT}`;

describe('ProcessGroup', () => {
  describe('when its starter is killed', () => {
    it('ends the children, and then the reaper', async () => {
      const { starter, reaper, children } = await startStarter(OBEDIENT);
      starter.kill('SIGKILL');
      await waitFor(() => !children.some(isAlive));
      await waitFor(() => !isAlive(reaper));
    });

    it('kills children that ignore the stop signal', async () => {
      const { starter, children } = await startStarter(STUBBORN);
      starter.kill('SIGKILL');
      await waitFor(() => !children.some(isAlive));
    });

    it('removes the registered directories', async () => {
      const directory = mkdtempSync(join(tmpdir(), 'latchkey-processes-'));
      const { starter } = await startStarter(OBEDIENT, directory);
      starter.kill('SIGKILL');
      await waitFor(() => !existsSync(directory));
    });
  });

  it('shields the children from the signals of the terminal', async () => {
    const { starter, reaper, children } = await startStarter(STUBBORN);
    const exited = once(starter, 'exit');
    process.kill(-(starter.pid ?? 0), 'SIGSTOP'); // so that the starter cannot react
    process.kill(-(starter.pid ?? 0), 'SIGINT'); // Ctrl-C signals the whole group
    expect([reaper, ...children].every(isAlive)).toBe(true);
    process.kill(-(starter.pid ?? 0), 'SIGCONT');
    await exited;
    await waitFor(() => ![reaper, ...children].some(isAlive));
  });

  it('replaces a reaper that was killed, and registers the children with the new one', async () => {
    const { starter, reaper, children, latest } = await startStarter(OBEDIENT);
    const startedAt = performance.now();
    await waitFor(() => performance.now() - startedAt > 1_500); // a younger reaper is not replaced
    process.kill(reaper, 'SIGKILL');
    await waitFor(() => latest().reaper !== reaper);
    expect(children.every(isAlive)).toBe(true);
    starter.kill('SIGKILL');
    await waitFor(() => ![latest().reaper, ...children].some(isAlive));
  });

  it('ends the children and reports an error if no reaper stays alive', async () => {
    const lost = await new Promise<{ error: Error; child: number }>((resolve) => {
      const processes = new ProcessGroup({
        onLost: (error) => resolve({ error, child: child.pid ?? 0 }),
      });
      const child = processes.spawn(process.execPath, ['-e', OBEDIENT]);
      process.kill(processes.reaperPid ?? 0, 'SIGKILL');
    });
    expect(lost.error.message).toMatch(/reaper/);
    await waitFor(() => !isAlive(lost.child));
  });

  it('ends its children on close and starts none afterwards', async () => {
    const processes = new ProcessGroup();
    const child = processes.spawn(process.execPath, ['-e', OBEDIENT]);
    await processes.close();
    expect(isAlive(child.pid ?? 0)).toBe(false);
    expect(() => processes.spawn(process.execPath, ['-e', ''])).toThrow(/closed/);
  });
});

describe('reaper', () => {
  it('spares a process that reuses the pid of a registered one', async () => {
    const bystander = spawn(process.execPath, ['-e', OBEDIENT]);
    await once(bystander.stdout, 'data');
    const reaper = spawn(process.execPath, [REAPER, '100'], {
      stdio: ['pipe', 'ignore', 'inherit'],
    });
    const add = { add: bystander.pid, startTime: 'of another process', signal: 'SIGKILL' };
    reaper.stdin.end(`${JSON.stringify(add)}\n`);
    await once(reaper, 'exit');
    expect(isAlive(bystander.pid ?? 0)).toBe(true);
    bystander.kill('SIGKILL');
  });
});
