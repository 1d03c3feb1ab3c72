import type { Launcher } from '@latchkey/local-stack';
import type { z } from 'zod';
import type { Section } from './pages/section.js';

/** The options of the command line; an experiment ignores those that do not concern it. */
export interface LabOptions {
  /** Root of the checkout whose built services are run. */
  readonly checkout: string;
  /** A short run, for tests. */
  readonly quick: boolean;
  readonly verifiers?: number | undefined;
  readonly minutes?: number | undefined;
  readonly seed?: number | undefined;
  /** A file for the report, as JSON. */
  readonly json?: string | undefined;
  /** The folder for kept runs and their pages. Default `lab-reports` in the checkout. */
  readonly out?: string | undefined;
}

/** What an experiment works with. */
export interface Laboratory {
  readonly options: LabOptions;
  /** Starts processes and ends them with the experiment, however it ends. */
  readonly processes: Launcher;
  /** Aborted by Ctrl-C; an experiment then stops as soon as it can. */
  readonly interrupted: AbortSignal;
  /** Shows what is happening, in one line that is overwritten. */
  readonly onProgress: (message: string) => void;
  /** Prints a line of the result. */
  readonly print: (line: string) => void;
}

/** Thrown when this machine cannot run an experiment; the message says what would help. */
export class NotPossibleHereError extends Error {
  override readonly name = 'NotPossibleHereError';
}

/** The result of an experiment. */
export interface Finding<Report extends object = object> {
  /** False when a promise was broken; the command then exits with 1. */
  readonly held: boolean;
  /** A sentence for each promise that was broken, unless the experiment has printed that itself. */
  readonly complaints?: readonly string[];
  /** The figures, as the experiment's schema describes them. */
  readonly report: Report;
  /** Versions of the servers that were measured, by name: `{ Redis: '7.0.15' }`. */
  readonly versions?: Readonly<Record<string, string>>;
}

/** How the figures of an experiment are shown; only experiments with a page keep their runs. */
interface Page<Report> {
  /** Position in the joined page; lower comes first. */
  readonly position: number;
  readonly section: (report: Report) => Section;
}

/** What a file in `experiments/` exports by default; its name is that of the file. */
export interface Experiment {
  /** Checks every report before it is written, and when it is read again. */
  readonly schema: z.ZodType<object>;
  readonly run: (laboratory: Laboratory) => Promise<Finding>;
  readonly page?: Page<unknown>;
}

/**
 * Declares an experiment whose report has the schema's type.
 *
 * @example
 * ```ts
 * export default defineExperiment({ schema: z.object({ answered: z.number() }), run: countAnswers });
 * ```
 */
export function defineExperiment<Schema extends z.ZodType<object>>({
  schema,
  run,
  page,
}: {
  readonly schema: Schema;
  readonly run: (laboratory: Laboratory) => Promise<Finding<z.output<Schema>>>;
  readonly page?: Page<z.output<Schema>>;
}): Experiment {
  if (!page) return { schema, run };
  const section = (report: unknown) => page.section(schema.parse(report));
  return { schema, run, page: { position: page.position, section } };
}
