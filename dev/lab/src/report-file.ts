import type { Machine } from '@latchkey/local-stack';
import { randomUUID } from 'node:crypto';
import { renameSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import type { Finding, LabOptions } from './experiment.js';
import type { NamedExperiment } from './experiments.js';

/** An experiment that ran to its end. */
export interface EndedRun {
  readonly experiment: NamedExperiment;
  readonly startedAt: Date;
  readonly seconds: number;
  readonly machine: Machine;
  readonly finding: Finding;
}

/** Writes a file atomically, so that an interrupted run leaves no partial file. */
export function writeAtomically(path: string, text: string): void {
  const temporary = `${path}.${randomUUID()}.tmp`;
  writeFileSync(temporary, text);
  renameSync(temporary, path);
}

/** Writes the report for `--json`. @throws Error when the report does not match its schema */
export function writeReport(path: string, options: LabOptions, run: EndedRun): void {
  const { experiment, startedAt, finding, ...about } = run;
  writeChecked(path, experiment, finding.report, {
    experiment: experiment.name,
    held: finding.held,
    ...(finding.complaints && { complaints: finding.complaints }),
    startedAt: startedAt.toISOString(),
    options: withoutPaths(options),
    ...about,
    ...(finding.versions && { versions: finding.versions }),
    ...finding.report,
  });
}

/** Leaves out the paths: they say where a run was, not what was run. */
export const withoutPaths = ({ checkout: _, json: __, out: ___, ...options }: LabOptions) =>
  options;

/**
 * Writes JSON that contains a report, and then checks the report by its experiment's schema. The file is
 * written even if the check fails, so that the figures of a long run are not lost.
 *
 * @throws Error that names the file and says what is wrong with the report
 */
export function writeChecked(
  path: string,
  { name, schema }: NamedExperiment,
  report: object,
  json: object,
): void {
  writeAtomically(path, `${JSON.stringify(json, undefined, 2)}\n`);
  const { error } = schema.safeParse(JSON.parse(JSON.stringify(report)));
  if (error)
    throw new Error(
      `the figures are in ${path}, but they do not match the schema of ${name}:\n${z.prettifyError(error)}`,
    );
}
