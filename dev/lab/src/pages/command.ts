import type { LabOptions } from '../experiment.js';

/** Where something is or goes to: not a part of what was run. */
const PLACES = new Set(['checkout', 'json', 'out']);

/** What makes such a run again. */
export function commandOf(experiment: string, options: LabOptions): string {
  const words = Object.entries<string | number | boolean | undefined>({ ...options }).flatMap(
    ([name, value]) => (PLACES.has(name) ? [] : optionOf(name, value)),
  );
  return ['npm run lab --', experiment, ...words].join(' ');
}

function optionOf(name: string, value: string | number | boolean | undefined): string[] {
  if (value === undefined || value === false) return [];
  const option = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  return value === true ? [option] : [option, String(value)];
}
