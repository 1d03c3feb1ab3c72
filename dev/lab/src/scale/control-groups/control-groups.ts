import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NotPossibleHereError } from '../../experiment.js';
import { CpuShare } from './cpu-share.js';
import { delegateCpu, disableCpu, enableCpu } from './delegated-group.js';
import { groupsIn, makeGroup, moveAll, removeGroup } from './group-files.js';
import { hierarchiesOf, type Hierarchy } from './hierarchy.js';

const PREFIX = 'latchkey-lab-';
const RELEASED = 'released';

/** The control groups (cgroup v2) of this run, in a parent group of their own. */
export class ControlGroups {
  /** For reports. */
  readonly name = 'cgroup v2';
  readonly #closeAtExit = () => this.close();
  #closed = false;

  /** @param origin the group that this process was in before */
  private constructor(
    private readonly own: string,
    private readonly origin: string,
    private readonly undoDelegation: () => void,
  ) {
    // Runs however the process ends, except after SIGKILL: the next run cleans up then.
    process.once('exit', this.#closeAtExit);
  }

  /** @throws {NotPossibleHereError} with a line for each group that could not be used */
  static open(hierarchies: readonly Hierarchy[] = mountedHierarchies()): ControlGroups {
    const refusals: string[] = [];
    for (const { top, own: origin } of hierarchies)
      // The root group first, where no process has to be moved; that needs root.
      for (const home of new Set([top, origin]))
        try {
          return ControlGroups.#in(home, origin);
        } catch (error) {
          refusals.push((error as Error).message);
        }
    const reasons = refusals.length === 0 ? ['cgroup v2 is not mounted'] : refusals;
    throw new NotPossibleHereError(reasons.map((reason) => `control groups: ${reason}`).join('\n'));
  }

  static #in(home: string, origin: string): ControlGroups {
    const undoDelegation = delegateCpu(home);
    const own = join(home, `${PREFIX}${process.pid}`);
    try {
      removeLeftovers(home);
      makeGroup(own);
      enableCpu(own);
      makeGroup(join(own, RELEASED));
      return new ControlGroups(own, origin, undoDelegation);
    } catch (error) {
      removeGroup(own);
      undoDelegation();
      throw error;
    }
  }

  /** @param name of the new group; must be a file name that no other share has */
  share(name: string): CpuShare {
    return CpuShare.make(this.own, name, join(this.own, RELEASED));
  }

  /** Removes all groups. Processes that are still running continue in this process's group. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    process.off('exit', this.#closeAtExit);
    const released = join(this.own, RELEASED);
    for (const name of groupsIn(this.own))
      if (name !== RELEASED) moveAll(join(this.own, name), released);
    disableCpu(this.own);
    this.undoDelegation();
    moveAll(released, this.origin);
    removeGroup(this.own);
  }
}

function mountedHierarchies(): Hierarchy[] {
  const read = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8') : '');
  return hierarchiesOf(read('/proc/self/mountinfo'), read('/proc/self/cgroup'));
}

/** Removes groups of earlier runs that ended without cleaning up. */
function removeLeftovers(home: string): void {
  for (const name of groupsIn(home)) {
    const pid = Number(name.startsWith(PREFIX) ? name.slice(PREFIX.length) : NaN);
    if (Number.isInteger(pid) && !existsSync(`/proc/${pid}`)) removeGroup(join(home, name));
  }
}
