import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const LAB = fileURLToPath(new URL('../../../dev/scripts/lab.mjs', import.meta.url));

export interface QuickRun<Report> {
  readonly printed: string;
  readonly report: Report;
}

/**
 * Runs the command of an experiment. It has a process of its own, which it may pin to a core.
 *
 * @throws Error with all output if there is no report
 */
export function quickRun<Report>(experiment: string): QuickRun<Report> {
  const directory = mkdtempSync(join(tmpdir(), `latchkey-${experiment}-`));
  try {
    const json = join(directory, 'report.json');
    const args = [LAB, experiment, '--quick', '--json', json, '--out', directory];
    const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    try {
      return { printed: stdout, report: JSON.parse(readFileSync(json, 'utf8')) as Report };
    } catch (cause) {
      throw new Error(`the experiment wrote no report:\n${stdout}${stderr}`, { cause });
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
