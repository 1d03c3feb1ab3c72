import { randomUUID } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { hasPage, runSchema, type PagedExperiment, type Run } from './run.js';

/** A run, and where it is kept. */
export interface KeptRun {
  readonly run: Run;
  /** Name in its folder. */
  readonly file: string;
}

/** What a folder has. */
export interface KeptRuns {
  readonly runs: readonly KeptRun[];
  /** Files that are called like a run and are none, with what is wrong. */
  readonly unreadable: readonly { readonly file: string; readonly problem: string }[];
}

/** Whole or not at all: a run that ends in between leaves no half of a file. */
export function writeWhole(path: string, text: string): void {
  const temporary = `${path}.${randomUUID()}.tmp`;
  writeFileSync(temporary, text);
  renameSync(temporary, path);
}

/** `compare-20260519T101530Z`: names in a folder sort by experiment, then by time. */
export function nameOfRun(experiment: PagedExperiment, startedAt: Date): string {
  return `${experiment}-${startedAt.toISOString().replace(/[-:]|\.\d+/g, '')}`;
}

/** Makes the folder where there is none. */
export function keepRun(folder: string, name: string, run: object): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${name}.json`);
  writeWhole(path, `${JSON.stringify(run, undefined, 2)}\n`);
  return path;
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

/** All runs in a folder, the oldest first; a folder that is not there has none. */
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
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json') && hasPage(file.split('-')[0] ?? ''))
    .sort();
}

/**
 * The run that stands for an experiment: the latest full one, and the latest quick one only where no
 * full one is there. A short try after a long measurement does not replace it.
 */
export function latestRun(
  runs: readonly KeptRun[],
  experiment: PagedExperiment,
): KeptRun | undefined {
  const all = runs.filter(({ run }) => run.experiment === experiment);
  return all.findLast(({ run }) => !run.options.quick) ?? all.at(-1);
}
