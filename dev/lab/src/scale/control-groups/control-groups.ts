import type { Launcher } from '@latchkey/local-stack';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NotPossibleHereError } from '../../experiment.js';
import type { CpuLimits, CpuShare } from '../cpu-limits.js';
import {
  directoriesOf,
  placeBelow,
  type ControlGroupVersion,
  type GroupPlace,
} from './control-group-version.js';
import { ControlGroupShare } from './control-group-share.js';
import { groupsIn, makeGroup, moveAll, removeGroup } from './group-files.js';
import { hierarchiesOf, type Hierarchy } from './hierarchy.js';
import { controlGroupsVersion1 } from './version-1.js';
import { controlGroupsVersion2 } from './version-2.js';

const PREFIX = 'latchkey-lab-';
const RELEASED = 'released';

/** Control groups of this run, in one of their own. */
export class ControlGroups implements CpuLimits {
  readonly #closeAtExit = () => this.close();
  #closed = false;

  private constructor(
    readonly launcher: Launcher,
    private readonly version: ControlGroupVersion,
    private readonly own: GroupPlace,
    private readonly released: GroupPlace,
  ) {
    // However the run ends, short of a SIGKILL: then the next one removes what was left.
    process.once('exit', this.#closeAtExit);
  }

  /** @throws {NotPossibleHereError} that says why */
  static open(launcher: Launcher, hierarchies = mountedHierarchies()): ControlGroups {
    const refusals: string[] = [];
    for (const prepare of waysOf(hierarchies)) {
      try {
        const version = prepare();
        if (version) return ControlGroups.#in(version, launcher);
      } catch (error) {
        refusals.push((error as Error).message);
      }
    }
    const reasons = refusals.length === 0 ? ['no hierarchy is mounted'] : refusals;
    throw new NotPossibleHereError(reasons.map((why) => `control groups: ${why}`).join('\n'));
  }

  static #in(version: ControlGroupVersion, launcher: Launcher): ControlGroups {
    const own = placeBelow(version.home, `${PREFIX}${process.pid}`);
    const released = placeBelow(own, RELEASED);
    try {
      directoriesOf(version.home).forEach(removeThoseOfTheDead);
      for (const group of directoriesOf(own)) {
        makeGroup(group);
        version.divide(group);
      }
      directoriesOf(released).forEach(makeGroup);
      return new ControlGroups(launcher, version, own, released);
    } catch (error) {
      directoriesOf(own).forEach(removeGroup);
      version.restore();
      throw error;
    }
  }

  get name(): ControlGroupVersion['name'] {
    return this.version.name;
  }

  processOf(pid: number): number {
    return pid;
  }

  share(name: string): CpuShare {
    return ControlGroupShare.make(this.version, placeBelow(this.own, name), this.released);
  }

  /** What still runs goes on where this process is. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    process.off('exit', this.#closeAtExit);
    const released = directoriesOf(this.released);
    directoriesOf(this.own).forEach((own, index) => {
      for (const name of groupsIn(own))
        if (name !== RELEASED) moveAll(join(own, name), released[index]!);
      this.version.unite(own);
    });
    this.version.restore();
    const origins = directoriesOf(this.version.origin);
    released.forEach((group, index) => moveAll(group, origins[index]!));
    directoriesOf(this.own).forEach(removeGroup);
  }
}

/** In the order in which they are tried. */
function* waysOf(
  hierarchies: readonly Hierarchy[],
): Generator<() => ControlGroupVersion | undefined> {
  yield () => controlGroupsVersion1(hierarchies);
  for (const { version, top, own } of hierarchies) {
    if (version !== 2) continue;
    // First where no process of anybody's needs to be moved; that takes root.
    for (const home of new Set([top, own])) yield () => controlGroupsVersion2(home, own);
  }
}

function mountedHierarchies(): Hierarchy[] {
  const read = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8') : '');
  return hierarchiesOf(read('/proc/self/mountinfo'), read('/proc/self/cgroup'));
}

/** Of runs that could not do it themselves. */
function removeThoseOfTheDead(home: string): void {
  for (const name of groupsIn(home)) {
    const pid = Number(name.startsWith(PREFIX) ? name.slice(PREFIX.length) : NaN);
    if (Number.isInteger(pid) && !existsSync(`/proc/${pid}`)) removeGroup(join(home, name));
  }
}
