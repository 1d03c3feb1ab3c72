import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { LabOptions } from '../experiment.js';
import { PAGED_EXPERIMENTS } from '../experiments.js';
import { withoutPaths, writeAtomically, writeChecked, type EndedRun } from '../report-file.js';
import { commandOf } from './command.js';
import { joinedPage } from './joined-page.js';
import { runPage } from './page.js';
import { RUN_SCHEMA } from './run.js';
import { latestRun, nameOfRun, readRun, readRuns } from './runs.js';

const FOLDER = 'lab-reports';

/** The folder for runs and their pages. */
export function reportsFolder({ checkout, out }: Pick<LabOptions, 'checkout' | 'out'>): string {
  return out ?? join(checkout, FOLDER);
}

/**
 * Keeps a run as JSON, and as a page that is made from that JSON.
 *
 * @returns the lines to print
 * @throws Error that says where the figures are when no page can be made of them
 */
export function keepRun(options: LabOptions, run: EndedRun): string[] {
  const { experiment, startedAt, seconds, machine, finding } = run;
  const folder = reportsFolder(options);
  mkdirSync(folder, { recursive: true });
  const path = join(folder, nameOfRun(experiment.name, startedAt));
  const json = `${path}.json`;
  writeChecked(json, experiment, finding.report, {
    schema: RUN_SCHEMA,
    experiment: experiment.name,
    command: commandOf(experiment.name, options),
    options: withoutPaths(options),
    machine,
    versions: finding.versions ?? {},
    startedAt: startedAt.toISOString(),
    seconds,
    held: finding.held,
    complaints: finding.complaints ?? [],
    report: finding.report,
  });
  const page = `${path}.html`;
  writeAtomically(page, runPage(readRun(json)));
  return [`figures: ${json}`, `report:  open ${pathToFileURL(page).href}`];
}

/**
 * Joins the latest run of each experiment into one page.
 *
 * @returns the exit status: 1 when there is no run
 */
export function joinReports(
  options: Pick<LabOptions, 'checkout' | 'out'>,
  print: (line: string) => void = console.log,
): number {
  const folder = reportsFolder(options);
  const { runs, unreadable } = readRuns(folder);
  for (const { file, problem } of unreadable)
    print(`left out: this version cannot read ${file}:\n${indented(problem)}`);
  const joined = PAGED_EXPERIMENTS.map(({ name }) => ({ name, kept: latestRun(runs, name) }));
  for (const { name, kept } of joined)
    print(
      kept
        ? `${name.padEnd(8)} ${kept.file}${kept.run.options.quick ? ' (quick; there is no full run)' : ''}`
        : `${name.padEnd(8)} missing: npm run lab -- ${name}`,
    );
  const present = joined.flatMap(({ kept }) => kept ?? []);
  if (present.length === 0) {
    print(`\nThere are no runs in ${folder}. Run an experiment first.`);
    return 1;
  }
  const page = join(folder, 'index.html');
  writeAtomically(page, joinedPage(present));
  print('\nThe page shows the latest full run of each experiment, or else its latest quick run.');
  print(`report:  open ${pathToFileURL(page).href}`);
  return 0;
}

const indented = (text: string) => text.replace(/^/gm, '  ');
