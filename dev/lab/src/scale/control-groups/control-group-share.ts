import { descendantsOf } from '@latchkey/load-generator';
import type { CpuShare } from '../cpu-limits.js';
import {
  directoriesOf,
  type ControlGroupVersion,
  type GroupPlace,
} from './control-group-version.js';
import { makeGroup, move, moveAll, removeGroup } from './group-files.js';

/** A control group of its own. */
export class ControlGroupShare implements CpuShare {
  private constructor(
    private readonly version: ControlGroupVersion,
    private readonly place: GroupPlace,
    private readonly released: GroupPlace,
  ) {}

  /** @param released where what still runs in it goes on when it is removed */
  static make(
    version: ControlGroupVersion,
    place: GroupPlace,
    released: GroupPlace,
  ): ControlGroupShare {
    directoriesOf(place).forEach(makeGroup);
    return new ControlGroupShare(version, place, released);
  }

  add(pid: number): void {
    for (const directory of directoriesOf(this.place)) {
      move(pid, directory);
      // Asked for after the parent was moved: a child is either among them or was born inside.
      for (const descendant of descendantsOf(pid)) move(descendant, directory);
    }
  }

  limitTo(cores: number): void {
    this.version.limit(this.place.limit, cores);
  }

  lift(): void {
    this.version.limit(this.place.limit, undefined);
  }

  /** Of all that was ever in it. */
  usedMicroseconds(): number {
    return this.version.usedMicroseconds(this.place.count);
  }

  remove(): void {
    const targets = directoriesOf(this.released);
    directoriesOf(this.place).forEach((directory, index) => {
      moveAll(directory, targets[index]!);
      removeGroup(directory);
    });
  }
}
