import type { LabOptions } from '../experiment.js';
import { withoutPaths } from '../report-file.js';

/** The command that repeats a run. */
export function commandOf(experiment: string, options: LabOptions): string {
  const words = Object.entries<string | number | boolean | undefined>(
    withoutPaths(options),
  ).flatMap(([name, value]) => argumentsFor(name, value));
  return ['npm run lab --', experiment, ...words].join(' ');
}

function argumentsFor(name: string, value: string | number | boolean | undefined): string[] {
  if (value === undefined || value === false) return [];
  const option = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  return value === true ? [option] : [option, String(value)];
}
