import { ProcessStartError } from '@latchkey/local-stack';
import type { Laboratory } from '../experiment.js';
import {
  unhealthyContenders,
  playOutage,
  type ObservedOutage,
  type OutageParts,
  type OutagePlan,
} from './outage-run.js';
import { printOutage } from './outage-table.js';
import type { OutageTarget } from './outage-targets.js';

export interface PlayedOutages {
  readonly observed: readonly ObservedOutage[];
  /** The part that did not come back and ended the run, if any. */
  readonly missing: readonly string[];
}

/** Plays one outage after another, each when all contenders are healthy again. */
export async function playInTurn(
  { interrupted, onProgress, print }: Pick<Laboratory, 'interrupted' | 'onProgress' | 'print'>,
  targets: readonly OutageTarget[],
  parts: OutageParts,
  plan: OutagePlan,
): Promise<PlayedOutages> {
  const observed: ObservedOutage[] = [];
  for (const target of targets) {
    interrupted.throwIfAborted();
    onProgress(`waiting until all contenders are healthy before ${target.label} is killed`);
    const unhealthy = await unhealthyContenders(parts);
    if (unhealthy.length > 0) print(`unhealthy before the next outage: ${unhealthy.join(', ')}`);
    onProgress(`${target.label} is killed under load`);
    try {
      const played = await playOutage(parts, target, plan);
      printOutage(played, print);
      observed.push(played);
    } catch (error) {
      if (!(error instanceof ProcessStartError)) throw error;
      // The next outage would then affect two parts at the same time.
      return { observed, missing: [`${target.label} did not come back: ${error.message}`] };
    }
  }
  return { observed, missing: [] };
}
