import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { PAGED_EXPERIMENTS } from '../experiments.js';
import { runSchema, type Run } from './run.js';

export interface KeptRun {
  readonly run: Run;
  /** Its file name in the folder. */
  readonly file: string;
}

/** The contents of a folder. */
export interface KeptRuns {
  readonly runs: readonly KeptRun[];
  /** Files that have the name of a run and cannot be read as one, and why. */
  readonly unreadable: readonly { readonly file: string; readonly problem: string }[];
}

/** `compare-20260519T101530Z`: file names sort by experiment, then by time. */
export function nameOfRun(experiment: string, startedAt: Date): string {
  return `${experiment}-${startedAt.toISOString().replace(/[-:]|\.\d+/g, '')}`;
}

/** @throws Error that says what is wrong with the file */
export function readRun(path: string): Run {
  const parsed = runSchema.safeParse(readJson(path));
  if (!parsed.success) throw new Error(z.prettifyError(parsed.error));
  return parsed.data;
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new Error(`it is not JSON: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

/** Reads all runs in a folder, the oldest first. A missing folder has none. */
export function readRuns(folder: string): KeptRuns {
  const runs: KeptRun[] = [];
  const unreadable: { file: string; problem: string }[] = [];
  for (const file of runFilesIn(folder)) {
    try {
      runs.push({ run: readRun(join(folder, file)), file });
    } catch (error) {
      unreadable.push({ file, problem: error instanceof Error ? error.message : String(error) });
    }
  }
  runs.sort((one, other) => Date.parse(one.run.startedAt) - Date.parse(other.run.startedAt));
  return { runs, unreadable };
}

function runFilesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const isRun = (file: string) => PAGED_EXPERIMENTS.some(({ name }) => file.startsWith(`${name}-`));
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json') && isRun(file))
    .sort();
}

/**
 * The run that represents an experiment: the latest full run, or the latest quick run if there is no
 * full one. A quick try does not replace a long measurement.
 */
export function latestRun(runs: readonly KeptRun[], experiment: string): KeptRun | undefined {
  const all = runs.filter(({ run }) => run.experiment === experiment);
  return all.findLast(({ run }) => !run.options.quick) ?? all.at(-1);
}
