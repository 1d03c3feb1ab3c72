import { descendantsOf } from '@latchkey/load-generator';
import { join } from 'node:path';
import { PERIOD_MICROSECONDS, quotaOf } from './cpu-quota.js';
import { makeGroup, move, moveAll, readFrom, removeGroup, writeTo } from './group-files.js';

/** A control group whose processes share a part of a core. */
export class CpuShare {
  private constructor(
    private readonly group: string,
    private readonly released: string,
  ) {}

  /** @param released the group that takes what is still running when the share is removed */
  static make(parent: string, name: string, released: string): CpuShare {
    const group = join(parent, name);
    makeGroup(group);
    return new CpuShare(group, released);
  }

  /** Adds a process with its threads and with everything that it has started or will start. */
  add(pid: number): void {
    move(pid, this.group);
    // Listing descendants after the move misses none: later children are born inside the group.
    for (const descendant of descendantsOf(pid)) move(descendant, this.group);
  }

  /** @param cores part of a core: 0.03 is 3 % */
  limitTo(cores: number): void {
    this.#limit(String(quotaOf(cores)));
  }

  lift(): void {
    this.#limit('max');
  }

  /** Processor time of every process that is or was in the share. */
  usedMicroseconds(): number {
    return Number(/^usage_usec (\d+)$/m.exec(readFrom(this.group, 'cpu.stat'))?.[1]);
  }

  /** Removes the group; its processes continue without a limit. */
  remove(): void {
    moveAll(this.group, this.released);
    removeGroup(this.group);
  }

  #limit(quota: string): void {
    writeTo(this.group, 'cpu.max', `${quota} ${PERIOD_MICROSECONDS}`);
  }
}
