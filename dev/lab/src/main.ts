import { describeMachine, ProcessGroup, ProgressLine } from '@latchkey/local-stack';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { NotPossibleHereError, type LabOptions } from './experiment.js';
import { experimentNamed, hasPage } from './experiments.js';
import { keepRun, reportsFolder } from './pages/kept-reports.js';
import { writeReport, type EndedRun } from './report-file.js';

export { joinReports } from './pages/kept-reports.js';

/** Packages whose versions the figures depend on. */
const PACKAGES = [
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
 * @returns the exit status: 0 when every promise held, 1 when one was broken, 2 when this machine
 * cannot run the experiment, 130 when it was interrupted
 */
export async function runLab(name: string, options: LabOptions): Promise<number> {
  const startedAt = new Date();
  const experiment = experimentNamed(name);
  const machine = describeMachine(options.checkout, PACKAGES, import.meta.url);
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
  // Fail early if the folder cannot be created.
  if (hasPage(experiment)) mkdirSync(reportsFolder(options), { recursive: true });
  console.log(`${machine.cores} cores of ${machine.processor}, Node.js ${machine.node}`);
  try {
    const finding = await Promise.race([
      experiment.run(laboratory),
      once(interrupted, 'abort').then(() => undefined),
    ]);
    line.clear();
    if (!finding) return INTERRUPTED_STATUS;
    const seconds = Math.round((Date.now() - startedAt.getTime()) / 1000);
    conclude(options, { experiment, startedAt, seconds, machine, finding });
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

/** Writes the report and prints how the run ended. */
function conclude(options: LabOptions, run: EndedRun): void {
  const { experiment, seconds, finding } = run;
  if (options.json !== undefined) writeReport(options.json, options, run);
  for (const complaint of finding.complaints ?? []) console.log(`NOT held: ${complaint}`);
  console.log(`\n${finding.held ? 'held' : 'NOT held'} (${seconds} s)`);
  if (hasPage(experiment)) for (const line of keepRun(options, run)) console.log(line);
}

function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => controller.abort());
  return controller.signal;
}
