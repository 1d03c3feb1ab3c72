import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const BUILT = new URL('../../dist/index.js', import.meta.url).href;
const CONTENDERS = 6;

describe('ProcessLock', () => {
  it('goes to exactly one of several processes that find its owner dead at the same time', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'latchkey-lock-'));
    const lock = join(directory, 'run');
    mkdirSync(lock);
    writeFileSync(join(lock, `owner-${2 ** 30}-1`), '');
    // Each process stays alive until all have tried, because the lock of an ended process is free.
    const program = `
      import { ProcessLock } from ${JSON.stringify(BUILT)};
      while (Date.now() < ${Date.now() + 1_500}) {}
      try {
        ProcessLock.acquire(${JSON.stringify(lock)});
        console.log('acquired');
      } catch (error) {
        console.log(error.name);
      }
      process.stdin.resume();`;
    const contenders = Array.from({ length: CONTENDERS }, () =>
      spawn(process.execPath, ['--input-type=module', '-e', program], {
        stdio: ['pipe', 'pipe', 'inherit'],
      }),
    );
    const answers = contenders.map(async ({ stdin, stdout }) => {
      let said = '';
      for await (const chunk of stdout) {
        said += String(chunk);
        if (said.endsWith('\n')) break;
      }
      return { said, stdin };
    });
    const all = await Promise.all(answers);
    for (const { stdin } of all) stdin.end();
    const said = all.map((answer) => answer.said.trim()).sort();
    expect(said).toEqual([...Array<string>(CONTENDERS - 1).fill('LockedError'), 'acquired']);
    rmSync(directory, { recursive: true });
  });
});
