import { join } from 'node:path';

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
