import { ProcessStartError } from '@latchkey/local-stack';
import type { Laboratory } from '../experiment.js';
import {
  notHealthy,
  playOutage,
  type ObservedOutage,
  type OutageParts,
  type OutagePlan,
} from './outage-run.js';
import { printOutage } from './outage-table.js';
import type { Victim } from './victims.js';

export interface PlayedOutages {
  readonly observed: readonly ObservedOutage[];
  /** What did not come back, so that it ended there. */
  readonly missing: readonly string[];
}

/** One after the other, each once all is well again after the one before. */
export async function playInTurn(
  { interrupted, onProgress, print }: Pick<Laboratory, 'interrupted' | 'onProgress' | 'print'>,
  victims: readonly Victim[],
  parts: OutageParts,
  plan: OutagePlan,
): Promise<PlayedOutages> {
  const observed: ObservedOutage[] = [];
  for (const victim of victims) {
    interrupted.throwIfAborted();
    onProgress(`waiting until all is well before ${victim.label} is killed`);
    const ill = await notHealthy(parts);
    if (ill.length > 0) print(`not back before the next outage: ${ill.join(', ')}`);
    onProgress(`${victim.label} is killed under load`);
    try {
      const played = await playOutage(parts, victim, plan);
      printOutage(played, print);
      observed.push(played);
    } catch (error) {
      if (!(error instanceof ProcessStartError)) throw error;
      // Without it the next outage would be of two parts at once.
      return { observed, missing: [`${victim.label} did not come back: ${error.message}`] };
    }
  }
  return { observed, missing: [] };
}
