import { AnsweringProcess, LOAD_CORE, median, rotated } from '@latchkey/load-generator';
import type { Workplace } from '../workplace.js';
import { authCounts } from './auth-metrics.js';
import type { Chain } from './chain.js';
import type { MeasuredCalls } from './chain-figures.js';
import type { ChainContender } from './chain-calls.js';
import type { TimedCall } from './calls-in-turn.js';

/** Rounds that do not count. */
export const WARM_UP_ROUNDS = 5;
/** Calls of each kind per round whose requests to auth are counted. */
export const COUNTED_CALLS = 5;

/** The median time of a call of each kind in each round, and how many requests to auth a call causes. */
export async function measureCalls(
  chain: Chain,
  contenders: readonly ChainContender[],
  { processes, size: { chainRounds, chainCalls }, onProgress }: Workplace,
): Promise<MeasuredCalls> {
  const module = new URL('./calling-process.js', import.meta.url);
  const caller = new AnsweringProcess(processes, module, { core: LOAD_CORE });
  const time = (calls: readonly TimedCall[]) => caller.ask<number[]>({ calls });
  const times = new Map<string, number[]>(contenders.map(({ id }) => [id, []]));
  const requests = new Map<string, number[]>(contenders.map(({ id }) => [id, []]));
  try {
    for (let round = -WARM_UP_ROUNDS; round < chainRounds; round++) {
      onProgress(round < 0 ? 'warming up' : `round ${round + 1} of ${chainRounds}`);
      const medians = await mediansOf(contenders, chainCalls, time);
      if (round < 0) continue;
      for (const { id, call } of contenders) {
        times.get(id)?.push(medians.get(id)!);
        const calls = Array.from({ length: COUNTED_CALLS }, call);
        requests.get(id)?.push(await requestsPerCall(chain, calls, time));
      }
    }
  } finally {
    caller.stop();
  }
  return {
    times: contenders.map(({ id, label }) => ({
      id,
      label,
      unit: 'µs',
      samples: times.get(id) ?? [],
    })),
    requests: contenders.map(({ id, label }) => ({
      id: `${id}-requests`,
      label: `${label}: requests to auth per call`,
      unit: 'ratio',
      samples: requests.get(id) ?? [],
    })),
  };
}

type Time = (calls: readonly TimedCall[]) => Promise<number[]>;

/** Takes turns call by call, so that a slow moment of the machine affects all contenders. */
async function mediansOf(
  contenders: readonly ChainContender[],
  calls: number,
  time: Time,
): Promise<ReadonlyMap<string, number>> {
  const plan = Array.from({ length: calls }, (_, turn) =>
    rotated(contenders, turn)
      .filter(({ oneIn }) => turn % oneIn === 0)
      .map(({ id, call }) => ({ id, call: call() })),
  ).flat();
  const durations = await time(plan.map(({ call }) => call));
  return new Map(
    contenders.map(({ id }) => [
      id,
      median(durations.filter((_, index) => plan[index]?.id === id)),
    ]),
  );
}

async function requestsPerCall(
  { stack }: Chain,
  calls: readonly TimedCall[],
  time: Time,
): Promise<number> {
  const before = await authCounts(stack.issuer);
  await time(calls);
  const after = await authCounts(stack.issuer);
  return (after.tokenRequests - before.tokenRequests) / calls.length;
}
