import { AnsweringProcess } from '@latchkey/load-generator';
import { readdirSync } from 'node:fs';
import type { GroupResult } from './figures.js';
import type { Group, GroupQuestion } from './group.js';
import type { Workplace } from './workplace.js';

export interface NamedGroup extends Group {
  readonly name: string;
}

const FOLDER = new URL('./groups/', import.meta.url);

/** Every file in `groups/`, in the order of the run. */
export const GROUPS: readonly NamedGroup[] = (await loadAll(namesIn(FOLDER))).toSorted(
  (one, other) => one.position - other.position,
);

export async function loadGroup(name: string): Promise<NamedGroup> {
  const module = (await import(`./groups/${name}.js`)) as { readonly default: Group };
  return { name, ...module.default };
}

/** Measures a group, in a process of its own unless it starts processes itself. */
export async function measureGroup(group: NamedGroup, workplace: Workplace): Promise<GroupResult> {
  if (group.measure) return group.measure(workplace);
  const { processes, size, poolFile, onProgress } = workplace;
  const child = new AnsweringProcess(processes, new URL('./group-process.js', import.meta.url));
  const question: GroupQuestion = { group: group.name, size, poolFile };
  try {
    return await child.ask<GroupResult>(question, onProgress);
  } finally {
    child.stop();
  }
}

/** Loads one module after another, because Jest cannot import modules with common dependencies concurrently. */
async function loadAll(names: readonly string[]): Promise<NamedGroup[]> {
  const groups: NamedGroup[] = [];
  for (const name of names) groups.push(await loadGroup(name));
  return groups;
}

/** Sources under Jest, compiled modules otherwise. */
function namesIn(folder: URL): string[] {
  const files = readdirSync(folder).filter((file) => /^[a-z-]+\.[jt]s$/.test(file));
  return [...new Set(files.map((file) => file.replace(/\.[jt]s$/, '')))].sort();
}
