import { join } from 'node:path';

/** Over which a share is given. Shorter ones leave a small share less than the kernel's least of 1 ms. */
export const PERIOD_MICROSECONDS = 100_000;

/** One group: a directory that limits its processes, and one that counts what they use; often the same. */
export interface GroupPlace {
  readonly limit: string;
  readonly count: string;
}

/** What differs between the two versions of control groups, and where groups can be made. */
export interface ControlGroupVersion {
  readonly name: 'cgroup v1' | 'cgroup v2';
  /** The group in which others are made. */
  readonly home: GroupPlace;
  /** The group in which this process is when nothing is measured. */
  readonly origin: GroupPlace;
  /** Lets a group that was made in the home divide its time among groups of its own. */
  divide(group: string): void;
  /** Undoes that. */
  unite(group: string): void;
  /** @param cores part of one core, or several; undefined for no limit */
  limit(group: string, cores: number | undefined): void;
  /** Processor time of everything that is or was in the group. */
  usedMicroseconds(group: string): number;
  /** Undoes what had to be done so that groups could be made. */
  restore(): void;
}

export const directoriesOf = ({ limit, count }: GroupPlace) => [...new Set([limit, count])];

export const placeBelow = ({ limit, count }: GroupPlace, name: string): GroupPlace => ({
  limit: join(limit, name),
  count: join(count, name),
});

/** The quota that a part of a core is, per period. */
export const quotaOf = (cores: number) => Math.round(cores * PERIOD_MICROSECONDS);
