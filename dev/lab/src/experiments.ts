import { readdirSync } from 'node:fs';
import type { Experiment } from './experiment.js';

/** An experiment with its name: that of its file. */
export interface NamedExperiment extends Experiment {
  readonly name: string;
}

/** An experiment whose runs are kept and shown. */
export type PagedExperiment = NamedExperiment & Required<Pick<Experiment, 'page'>>;

const FOLDER = new URL('./experiments/', import.meta.url);

/** Every file in `experiments/`, in alphabetical order. */
export const EXPERIMENTS: readonly NamedExperiment[] = await loadAll(namesIn(FOLDER));

/** In the order of the page that joins them. */
export const PAGED_EXPERIMENTS: readonly PagedExperiment[] = EXPERIMENTS.filter(hasPage).toSorted(
  (one, other) => one.page.position - other.page.position,
);

/** @throws RangeError for an unknown name */
export function experimentNamed(name: string): NamedExperiment {
  const experiment = EXPERIMENTS.find((each) => each.name === name);
  if (!experiment) throw new RangeError(`there is no experiment '${name}'`);
  return experiment;
}

export function hasPage(experiment: NamedExperiment): experiment is PagedExperiment {
  return experiment.page !== undefined;
}

/** Loads one module after another, because Jest cannot import modules with common dependencies concurrently. */
async function loadAll(names: readonly string[]): Promise<NamedExperiment[]> {
  const experiments: NamedExperiment[] = [];
  for (const name of names) {
    const module = (await import(`./experiments/${name}.js`)) as { readonly default: Experiment };
    experiments.push({ name, ...module.default });
  }
  return experiments;
}

/** Sources under Jest, compiled modules otherwise. */
function namesIn(folder: URL): string[] {
  const files = readdirSync(folder).filter((file) => /^[a-z-]+\.[jt]s$/.test(file));
  return [...new Set(files.map((file) => file.replace(/\.[jt]s$/, '')))].sort();
}
