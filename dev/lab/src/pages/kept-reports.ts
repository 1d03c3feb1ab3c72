import type { Machine } from '@latchkey/local-stack';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Finding, LabOptions } from '../experiment.js';
import { commandOf } from './command.js';
import { joinedPage } from './joined-page.js';
import { runPage } from './page.js';
import { PAGED_EXPERIMENTS, RUN_SCHEMA, type PagedExperiment, type Run } from './run.js';
import { keepRun, latestRun, nameOfRun, readRun, readRuns, writeWhole } from './runs.js';

const FOLDER = 'lab-reports';

/** What an experiment that has a page has ended with. */
export interface EndedRun {
  readonly name: PagedExperiment;
  readonly startedAt: Date;
  readonly seconds: number;
  readonly machine: Machine;
  readonly finding: Finding;
}

/** Where runs and their pages are kept, unless the command line says otherwise. */
export function reportsFolder({ checkout, out }: Pick<LabOptions, 'checkout' | 'out'>): string {
  return out ?? join(checkout, FOLDER);
}

/** Where something is or goes to is no part of what was run. */
const withoutPlaces = ({ checkout: _, json: __, out: ___, ...options }: LabOptions) => options;

/**
 * Keeps a run as JSON, and as a page made from that JSON: what the page shows is what was kept.
 * @returns what to tell the user
 */
export function keepReport(options: LabOptions, ended: EndedRun): string[] {
  const { name, startedAt, seconds, machine, finding } = ended;
  const folder = reportsFolder(options);
  const fileName = nameOfRun(name, startedAt);
  const json = keepRun(folder, fileName, {
    schema: RUN_SCHEMA,
    experiment: name,
    command: commandOf(name, options),
    options: withoutPlaces(options),
    machine,
    versions: finding.versions ?? {},
    startedAt: startedAt.toISOString(),
    seconds,
    held: finding.held,
    complaints: finding.complaints ?? [],
    report: finding.report,
  });
  const page = join(folder, `${fileName}.html`);
  writeWhole(page, runPage(keptRun(json)));
  return [`figures: ${json}`, `report:  open ${pathToFileURL(page).href}`];
}

/** @throws Error that says where the figures are: a run of many minutes is not lost for want of a page */
function keptRun(json: string): Run {
  try {
    return readRun(json);
  } catch (cause) {
    throw new Error(`the figures are in ${json}, but no page can be made of them`, { cause });
  }
}

/**
 * Joins the run that stands for each experiment into one page.
 * @returns the exit status: 1 when there is no run to show
 */
export function joinReports(
  options: Pick<LabOptions, 'checkout' | 'out'>,
  print: (line: string) => void = console.log,
): number {
  const folder = reportsFolder(options);
  const { runs, unreadable } = readRuns(folder);
  for (const { file, problem } of unreadable)
    print(`left out: ${file} is not a run that this version can show:\n${indented(problem)}`);
  const joined = PAGED_EXPERIMENTS.map((name) => ({ name, kept: latestRun(runs, name) }));
  for (const { name, kept } of joined)
    print(
      kept
        ? `${name.padEnd(8)} ${kept.file}${kept.run.options.quick ? ' (a quick run; no full one is there)' : ''}`
        : `${name.padEnd(8)} missing: npm run lab -- ${name}`,
    );
  const present = joined.flatMap(({ kept }) => kept ?? []);
  if (present.length === 0) {
    print(`\nThere is no run in ${folder} to make a report of.`);
    return 1;
  }
  const page = join(folder, 'index.html');
  mkdirSync(folder, { recursive: true });
  writeWhole(page, joinedPage(present));
  print(
    '\nOf each experiment the latest full run is shown; a quick one only where no full one is.',
  );
  print(`report:  open ${pathToFileURL(page).href}`);
  return 0;
}

const indented = (text: string) => text.replace(/^/gm, '  ');
