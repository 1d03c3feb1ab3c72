import { describeMachine, ProcessGroup, ProgressLine, type Machine } from '@latchkey/local-stack';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { NotPossibleHereError, type Finding, type LabOptions } from './experiment.js';
import { EXPERIMENTS, type ExperimentName } from './experiments.js';
import { keepReport, reportsFolder } from './pages/kept-reports.js';
import { hasPage } from './pages/run.js';

export { joinReports } from './pages/kept-reports.js';

const VERSIONS = [
  '@nestjs/core',
  '@nats-io/transport-node',
  '@nats-io/jetstream',
  'pg',
  'jose',
  'passport-jwt',
] as const;
const NOT_POSSIBLE_STATUS = 2;
const INTERRUPTED_STATUS = 130;

/**
 * Runs one experiment.
 *
 * @returns the exit status: 0 when it held, 1 when a promise was broken, 2 when it is not possible here
 */
export async function runLab(name: ExperimentName, options: LabOptions): Promise<number> {
  const startedAt = new Date();
  const machine = describeMachine(options.checkout, VERSIONS, import.meta.url);
  const processes = new ProcessGroup();
  const interrupted = interruption();
  const line = new ProgressLine(process.stderr);
  const laboratory = {
    options,
    processes,
    interrupted,
    onProgress: (message: string) => line.show(message),
    print: (text: string) => {
      line.clear();
      console.log(text);
    },
  };
  const folder = reportsFolder(options);
  if (hasPage(name)) mkdirSync(folder, { recursive: true }); // that it cannot be made shows before the work
  console.log(`${machine.cores} cores of ${machine.processor}, Node.js ${machine.node}`);
  try {
    const finding = await Promise.race([
      EXPERIMENTS[name](laboratory),
      once(interrupted, 'abort').then(() => undefined),
    ]);
    line.clear();
    if (!finding) return INTERRUPTED_STATUS;
    const seconds = Math.round((Date.now() - startedAt.getTime()) / 1000);
    conclude(options, { name, startedAt, seconds, machine, finding });
    return finding.held ? 0 : 1;
  } catch (error) {
    if (!(error instanceof NotPossibleHereError)) throw error;
    line.clear();
    console.error(error.message);
    return NOT_POSSIBLE_STATUS;
  } finally {
    line.clear();
    await processes.close();
  }
}

/** An experiment that came to its end. */
interface EndedExperiment {
  readonly name: ExperimentName;
  readonly startedAt: Date;
  readonly seconds: number;
  readonly machine: Machine;
  readonly finding: Finding;
}

/** Keeps what was found and says how it ended. */
function conclude(options: LabOptions, ended: EndedExperiment): void {
  const { name, seconds, finding } = ended;
  writeReport(options, ended);
  for (const complaint of finding.complaints ?? [])
    console.log(`NOT as it should be: ${complaint}`);
  console.log(`\n${finding.held ? 'held' : 'NOT held'} (${seconds} s)`);
  if (hasPage(name)) for (const line of keepReport(options, { ...ended, name })) console.log(line);
}

function writeReport(
  { json, checkout: _, out: __, ...options }: LabOptions,
  run: EndedExperiment,
): void {
  if (json === undefined) return;
  const { finding, name: experiment, startedAt, ...rest } = run;
  const report = {
    experiment,
    held: finding.held,
    ...(finding.complaints && { complaints: finding.complaints }),
    startedAt: startedAt.toISOString(),
    options,
    ...rest,
    ...(finding.versions && { versions: finding.versions }),
    ...finding.report,
  };
  writeFileSync(json, `${JSON.stringify(report, undefined, 2)}\n`);
}

function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => controller.abort());
  return controller.signal;
}
