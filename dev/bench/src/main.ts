import {
  describeMachine,
  ProcessGroup,
  ProgressLine,
  temporaryDirectory,
} from '@latchkey/local-stack';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withFigures, withFiguresOf } from './docs-page.js';
import type { GroupResult } from './figures.js';
import { GROUPS, measureGroup } from './groups.js';
import { PEERS } from './peer-packages.js';
import { reportGroup, type Report } from './report.js';
import { FULL_SIZE, QUICK_SIZE, type RunSize } from './size.js';
import { formatTable } from './table.js';
import { makeTokenPool, writeTokenPool } from './token-pool.js';
import type { Workplace } from './workplace.js';

export interface BenchOptions {
  readonly checkout: string;
  readonly quick?: boolean | undefined;
  /** A single group instead of all. */
  readonly only?: string | undefined;
  readonly rounds?: number | undefined;
  /** A file for every figure, ratio and sample. */
  readonly json?: string | undefined;
  /** Writes the tables into `docs/benchmarks.md`; with `only`, that of the group. */
  readonly updateDocs?: boolean | undefined;
}

const INTERRUPTED_STATUS = 130;
/** Compiling before the run already causes a load of 1. */
const BUSY_LOAD_AVERAGE = 1.5;

interface Measured {
  readonly groups: GroupResult[];
  readonly failures: { readonly group: string; readonly message: string }[];
}

/** Measures and prints. @returns the exit status: 0 whatever the figures are, 1 if a group failed, 130 if interrupted */
export async function runBench(options: BenchOptions): Promise<number> {
  const processes = new ProcessGroup();
  const interrupted = interruption();
  try {
    return await Promise.race([
      bench(options, processes, interrupted),
      once(interrupted, 'abort').then(() => INTERRUPTED_STATUS),
    ]);
  } finally {
    await processes.close();
  }
}

async function bench(
  options: BenchOptions,
  processes: ProcessGroup,
  interrupted: AbortSignal,
): Promise<number> {
  const startedAt = new Date();
  const size = sizeOf(options);
  const machine = describeMachine(options.checkout, PEERS, import.meta.url);
  if (machine.loadAverage > BUSY_LOAD_AVERAGE)
    console.log(
      `This machine is busy (load ${machine.loadAverage.toFixed(1)}): the figures will be unreliable.`,
    );
  console.log(`${machine.cores} cores of ${machine.processor}, Node.js ${machine.node}`);
  const measured = await measureGroups(options, size, processes, interrupted);
  if (interrupted.aborted) return INTERRUPTED_STATUS;
  const seconds = Math.round((Date.now() - startedAt.getTime()) / 1000);
  const { groups, failures } = measured;
  if (options.json !== undefined) {
    const report: Report = {
      startedAt: startedAt.toISOString(),
      seconds,
      quick: options.quick ?? false,
      size,
      machine,
      groups: groups.map(reportGroup),
      failures,
    };
    writeFileSync(options.json, `${JSON.stringify(report, undefined, 2)}\n`);
  }
  if (options.updateDocs && failures.length === 0) {
    const page = join(options.checkout, 'docs', 'benchmarks.md');
    const day = startedAt.toISOString().slice(0, 10);
    const update = options.only === undefined ? withFigures : withFiguresOf;
    writeFileSync(page, update(readFileSync(page, 'utf8'), { machine, day, groups }));
  }
  console.log(`\n${groups.length} groups measured, ${failures.length} failed, in ${seconds} s`);
  return failures.length === 0 ? 0 : 1;
}

async function measureGroups(
  { only }: BenchOptions,
  size: RunSize,
  processes: ProcessGroup,
  interrupted: AbortSignal,
): Promise<Measured> {
  const line = new ProgressLine(process.stderr);
  const pool = await makeTokenPool(size.poolTokens, (made) =>
    line.show(`signing ${made} of ${size.poolTokens} tokens`),
  );
  const poolFile = join(temporaryDirectory(processes), 'tokens.json');
  writeTokenPool(poolFile, pool);
  const measured: Measured = { groups: [], failures: [] };
  for (const group of GROUPS) {
    const { name } = group;
    if (only !== undefined && only !== name) continue;
    const onProgress = (message: string) => line.show(`${name}: ${message}`);
    const workplace: Workplace = { processes, size, pool, poolFile, onProgress };
    try {
      const result = await measureGroup(group, workplace);
      line.clear();
      measured.groups.push(result);
      showGroup(result);
    } catch (error) {
      if (interrupted.aborted) break; // Its processes were killed.
      line.clear();
      const message = error instanceof Error ? error.message : String(error);
      measured.failures.push({ group: name, message });
      console.error(`\n${name} could not be measured: ${message}`);
    }
  }
  return measured;
}

function showGroup(group: GroupResult): void {
  console.log(`\n${group.title} (${group.name})\n${formatTable(group)}`);
  for (const note of group.notes) console.log(`  ${note}`);
}

function sizeOf({ quick, rounds }: BenchOptions): RunSize {
  const size = quick ? QUICK_SIZE : FULL_SIZE;
  if (rounds === undefined) return size;
  return { ...size, rounds, memoryRounds: rounds, httpRounds: rounds };
}

function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => controller.abort());
  return controller.signal;
}
