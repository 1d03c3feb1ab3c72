import type { Launcher } from '@latchkey/local-stack';

/** What the command line says; each experiment reads what concerns it. */
export interface LabOptions {
  /** Root of the checkout, whose built services are run. */
  readonly checkout: string;
  /** A short version, for tests. */
  readonly quick: boolean;
  readonly verifiers?: number | undefined;
  readonly minutes?: number | undefined;
  readonly seed?: number | undefined;
  /** Everything that was found goes here as JSON. */
  readonly json?: string | undefined;
  /** Where runs and their pages are kept; `lab-reports` in the checkout by default. */
  readonly out?: string | undefined;
}

/** What an experiment works with. */
export interface Laboratory {
  readonly options: LabOptions;
  /** Ends whatever was started on it, however the experiment ends. */
  readonly processes: Launcher;
  /** Aborted by Ctrl-C: stop in order, and soon. */
  readonly interrupted: AbortSignal;
  /** One line that says what is being done. */
  readonly onProgress: (message: string) => void;
  /** A line of the result. */
  readonly print: (line: string) => void;
}

/** This machine cannot do what an experiment is about; the message says what would help. */
export class NotPossibleHereError extends Error {
  override readonly name = 'NotPossibleHereError';
}

export interface Finding {
  /** False when a promise was broken: the command then ends with 1. */
  readonly held: boolean;
  /** Why it did not hold, a sentence each, where the experiment has not printed that itself. */
  readonly complaints?: readonly string[];
  /** For `--json`, beside the machine and the options. */
  readonly report: Readonly<Record<string, unknown>>;
  /** Of the servers that were measured, by name: `{ Redis: '7.0.15' }`. */
  readonly versions?: Readonly<Record<string, string>>;
}

export type Experiment = (laboratory: Laboratory) => Promise<Finding>;
