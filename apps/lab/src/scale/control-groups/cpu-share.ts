import { descendantsOf } from '@latchkey/measurement';
import {
  directoriesOf,
  type ControlGroupVersion,
  type GroupPlace,
} from './control-group-version.js';
import { makeGroup, move, moveAll, removeGroup } from './group-files.js';

/** A part of a core for the processes in it, all together: a control group of its own. */
export class CpuShare {
  private constructor(
    private readonly version: ControlGroupVersion,
    private readonly place: GroupPlace,
    private readonly released: GroupPlace,
  ) {}

  /** @param released where what still runs in it goes on when it is removed */
  static make(version: ControlGroupVersion, place: GroupPlace, released: GroupPlace): CpuShare {
    directoriesOf(place).forEach(makeGroup);
    return new CpuShare(version, place, released);
  }

  /** A process, its threads, and all that it started. What it starts from now on is in it as well. */
  add(pid: number): void {
    for (const directory of directoriesOf(this.place)) {
      move(pid, directory);
      // Asked for after the parent was moved: a child is either among them or was born inside.
      for (const descendant of descendantsOf(pid)) move(descendant, directory);
    }
  }

  /** @param cores as 0.03 for 3 % of one core */
  limitTo(cores: number): void {
    this.version.limit(this.place.limit, cores);
  }

  /** It may use whatever there is. */
  lift(): void {
    this.version.limit(this.place.limit, undefined);
  }

  /** Since it was made, of all that was ever in it. */
  usedMicroseconds(): number {
    return this.version.usedMicroseconds(this.place.count);
  }

  /** What still runs in it goes on without a limit. */
  remove(): void {
    const targets = directoriesOf(this.released);
    directoriesOf(this.place).forEach((directory, index) => {
      moveAll(directory, targets[index]!);
      removeGroup(directory);
    });
  }
}
