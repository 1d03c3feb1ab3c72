import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { startTimeOf } from '../guardian/process-identity.mjs';
import { Leash } from './leash.js';
import { waitFor } from './wait-for.js';

const BUILT = new URL('../dist/index.js', import.meta.url).href;
const GUARDIAN = fileURLToPath(new URL('../guardian/guardian.mjs', import.meta.url));
const isAlive = (pid: number) => startTimeOf(pid) !== undefined;

interface Pids {
  guardian: number;
  children: number[];
}
interface Started extends Pids {
  starter: ChildProcess;
  /** What it said last. */
  latest: () => Pids;
}

/** A starter in a process of its own, which goes on printing the pids. */
async function startStarter(childProgram: string, directory = ''): Promise<Started> {
  const program = `
    import { Leash } from ${JSON.stringify(BUILT)};
    const leash = new Leash({ graceMs: 300 });
    const directory = ${JSON.stringify(directory)};
    if (directory) leash.removeAtEnd(directory);
    const start = () => leash.spawn(process.execPath, ['-e', ${JSON.stringify(childProgram)}]);
    const children = [start(), start()];
    for (const child of children) await new Promise((resolve) => child.stdout.once('data', resolve));
    setInterval(() => {
      const pids = { guardian: leash.guardianPid, children: children.map((child) => child.pid) };
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

describe('Leash', () => {
  describe('when its starter is killed', () => {
    it('ends the children, then itself', async () => {
      const { starter, guardian, children } = await startStarter(OBEDIENT);
      starter.kill('SIGKILL');
      await waitFor(() => !children.some(isAlive));
      await waitFor(() => !isAlive(guardian));
    });

    it('kills children that do not listen', async () => {
      const { starter, children } = await startStarter(STUBBORN);
      starter.kill('SIGKILL');
      await waitFor(() => !children.some(isAlive));
    });

    it('removes the directories that were lent', async () => {
      const directory = mkdtempSync(join(tmpdir(), 'latchkey-leash-'));
      const { starter } = await startStarter(OBEDIENT, directory);
      starter.kill('SIGKILL');
      await waitFor(() => !existsSync(directory));
    });
  });

  it('keeps the signal of a terminal from the children until the starter has decided', async () => {
    const { starter, guardian, children } = await startStarter(STUBBORN);
    const exited = once(starter, 'exit');
    process.kill(-(starter.pid ?? 0), 'SIGSTOP'); // the starter cannot have decided anything
    process.kill(-(starter.pid ?? 0), 'SIGINT'); // what Ctrl-C sends: to the whole group
    expect([guardian, ...children].every(isAlive)).toBe(true);
    process.kill(-(starter.pid ?? 0), 'SIGCONT');
    await exited;
    await waitFor(() => ![guardian, ...children].some(isAlive));
  });

  it('replaces a guardian that was killed, and the new one knows the children', async () => {
    const startedAt = performance.now();
    const { starter, guardian, children, latest } = await startStarter(OBEDIENT);
    await waitFor(() => performance.now() - startedAt > 1_500); // not one that dies at once
    process.kill(guardian, 'SIGKILL');
    await waitFor(() => latest().guardian !== guardian);
    expect(children.every(isAlive)).toBe(true);
    starter.kill('SIGKILL');
    await waitFor(() => ![latest().guardian, ...children].some(isAlive));
  });

  it('says so and ends the children when no guardian stays alive', async () => {
    const lost = await new Promise<{ error: Error; child: number }>((resolve) => {
      const leash = new Leash({ onLost: (error) => resolve({ error, child: child.pid ?? 0 }) });
      const child = leash.spawn(process.execPath, ['-e', OBEDIENT]);
      process.kill(leash.guardianPid ?? 0, 'SIGKILL');
    });
    expect(lost.error.message).toMatch(/guardian/);
    await waitFor(() => !isAlive(lost.child));
  });

  it('close() ends what still runs and refuses what comes later', async () => {
    const leash = new Leash();
    const child = leash.spawn(process.execPath, ['-e', OBEDIENT]);
    await leash.close();
    expect(isAlive(child.pid ?? 0)).toBe(false);
    expect(() => leash.spawn(process.execPath, ['-e', ''])).toThrow(/closed/);
  });
});

describe('guardian', () => {
  it('leaves a process alone that merely has the pid of a registered one', async () => {
    const bystander = spawn(process.execPath, ['-e', OBEDIENT]);
    await once(bystander.stdout, 'data');
    const guardian = spawn(process.execPath, [GUARDIAN, '100'], {
      stdio: ['pipe', 'ignore', 'inherit'],
    });
    const add = { add: bystander.pid, startTime: 'of another process', signal: 'SIGKILL' };
    guardian.stdin.end(`${JSON.stringify(add)}\n`);
    await once(guardian, 'exit');
    expect(isAlive(bystander.pid ?? 0)).toBe(true);
    bystander.kill('SIGKILL');
  });
});
