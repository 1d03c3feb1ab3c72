import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { PERIOD_MICROSECONDS, quotaOf } from '../cpu-quota.js';
import type { ControlGroupVersion } from './control-group-version.js';
import { readFrom, writeTo } from './group-files.js';
import type { Hierarchy } from './hierarchy.js';

const NO_LIMIT = -1;
const NANOSECONDS_PER_MICROSECOND = 1_000;

/** @returns undefined where `cpu` or `cpuacct` is not mounted. @throws Error when it is not ours to use */
export function controlGroupsVersion1(
  hierarchies: readonly Hierarchy[],
): ControlGroupVersion | undefined {
  const homeOf = (controller: string) =>
    hierarchies.find(({ controllers }) => controllers.includes(controller))?.own;
  const limit = homeOf('cpu');
  const count = homeOf('cpuacct');
  if (limit === undefined || count === undefined) return undefined;
  for (const home of [limit, count]) accessSync(join(home, 'cgroup.procs'), constants.W_OK);
  return {
    name: 'cgroup v1',
    home: { limit, count },
    origin: { limit, count },
    divide: () => undefined, // every group may have groups
    unite: () => undefined,
    limit: (group, cores) => {
      writeTo(group, 'cpu.cfs_period_us', String(PERIOD_MICROSECONDS));
      const quota = cores === undefined ? NO_LIMIT : quotaOf(cores);
      writeTo(group, 'cpu.cfs_quota_us', String(quota));
    },
    usedMicroseconds: (group) =>
      Number(readFrom(group, 'cpuacct.usage')) / NANOSECONDS_PER_MICROSECOND,
    restore: () => undefined,
  };
}
