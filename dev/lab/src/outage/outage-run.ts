import { waitFor } from '@latchkey/local-stack';
import {
  moment,
  type LoadGenerator,
  type LoadRequest,
  type OpenLoop,
} from '@latchkey/load-generator';
import { setTimeout as delay } from 'node:timers/promises';
import { headersOf, type User } from '../architectures/users.js';
import { warmUp } from '../warm-up.js';
import type { RunningContestant } from './contestants.js';
import type { OutageRun } from './outage-report.js';
import {
  isDueWhileDown,
  p99Of,
  samplesOf,
  timelineOf,
  type Down,
  type Sample,
} from './timeline.js';
import type { Victim } from './victims.js';

/** How long each part of an outage is watched, and under which load. */
export interface OutagePlan {
  /** Of each architecture. */
  readonly requestsPerSecond: number;
  readonly calmSeconds: number;
  readonly downSeconds: number;
  /** Since it answers again. */
  readonly afterSeconds: number;
  readonly sliceMilliseconds: number;
}

export interface OutageParts {
  readonly contestants: readonly RunningContestant[];
  readonly load: LoadGenerator;
  readonly users: readonly User[];
}

/** The run, and what its table says beside. */
export interface ObservedOutage {
  readonly run: OutageRun;
  readonly beside: ReadonlyMap<string, Beside>;
}

/** Of one architecture. */
export interface Beside {
  readonly p99BeforeMilliseconds: number | undefined;
  /** Undefined when nothing was answered. */
  readonly p99WhileDownMilliseconds: number | undefined;
  /** How many, by status, of those due while it was down. */
  readonly statusWhileDown: Readonly<Record<string, number>>;
}

/** For each one at a time, so that none waits behind another's slow answers. */
const CONNECTIONS_EACH = 200;
/** Before the timeline begins: connections are opened. */
const LEAD_SECONDS = 3;
/** A server that was killed reads its log before it answers. */
const LONGEST_RETURN_SECONDS = 60;
const HEALTHY_MILLISECONDS = 30_000;

/** Kills a part under the load of all architectures at once, and starts it again. */
export async function playOutage(
  { contestants, load, users }: OutageParts,
  victim: Victim,
  plan: OutagePlan,
): Promise<ObservedOutage> {
  const seconds =
    LEAD_SECONDS + plan.calmSeconds + plan.downSeconds + plan.afterSeconds + LONGEST_RETURN_SECONDS;
  const enough = new AbortController();
  const loaded = load.openLoop({ ...loadOn(contestants, users, plan), seconds }, enough.signal);
  const broken = breakAndMend(victim, plan).finally(() => enough.abort());
  const [result, { killedAt, backAt }] = await Promise.all([loaded, broken]);
  const perMillisecond = (plan.requestsPerSecond * contestants.length) / 1000;
  const beginsAt = result.startedAt + LEAD_SECONDS * 1000;
  const down = { downFrom: killedAt - beginsAt, downTo: backAt - beginsAt };
  const milliseconds = result.status.length / perMillisecond - LEAD_SECONDS * 1000;
  const beside = new Map<string, Beside>();
  const timelines = contestants.map(({ id, label }, index) => {
    const samples = samplesOf(result, {
      index,
      urls: contestants.length,
      from: LEAD_SECONDS * 1000,
    });
    const { sliceMilliseconds } = plan;
    beside.set(id, besideOf(samples, down));
    const shape = { milliseconds, sliceMilliseconds };
    return { id, label, ...timelineOf(samples, down, shape) };
  });
  const { outage, label } = victim;
  return { run: { outage, label, ...down, timelines }, beside };
}

/** One after the other. */
export async function warmUpAll({ contestants, load, users }: OutageParts): Promise<void> {
  for (const contestant of contestants)
    await warmUp(load, contestant.replica.url, inTurn([contestant], users));
}

function loadOn(
  contestants: readonly RunningContestant[],
  users: readonly User[],
  { requestsPerSecond }: OutagePlan,
): Omit<OpenLoop, 'seconds'> {
  return {
    urls: contestants.map(({ replica }) => replica.url),
    requests: inTurn(contestants, users),
    connections: CONNECTIONS_EACH * contestants.length,
    method: 'GET',
    perSecond: requestsPerSecond * contestants.length,
  };
}

/** Requests for the URLs in turn: each one's own. */
function inTurn(contestants: readonly RunningContestant[], users: readonly User[]): LoadRequest[] {
  return users.flatMap((user) =>
    contestants.map(({ architecture }) => ({
      path: `/orders/${user.orderId}`,
      headers: headersOf(architecture, user),
    })),
  );
}

async function breakAndMend(victim: Victim, plan: OutagePlan) {
  const { calmSeconds, downSeconds, afterSeconds } = plan;
  await delay((LEAD_SECONDS + calmSeconds) * 1000);
  const killedAt = moment();
  await victim.process.kill();
  await delay(killedAt + downSeconds * 1000 - moment());
  await victim.process.restart();
  const backAt = moment();
  await delay(afterSeconds * 1000);
  return { killedAt, backAt };
}

function besideOf(samples: readonly Sample[], down: Down): Beside {
  const whileDown = samples.filter(isDueWhileDown(down));
  const statusWhileDown: Record<string, number> = {};
  for (const { status } of whileDown) statusWhileDown[status] = (statusWhileDown[status] ?? 0) + 1;
  return {
    p99BeforeMilliseconds: p99Of(samples.filter(({ due }) => due < down.downFrom)),
    p99WhileDownMilliseconds: p99Of(whileDown.filter(({ status }) => status !== 0)),
    statusWhileDown,
  };
}

/**
 * Waits until every architecture accepts again, so that the next outage begins with all in order.
 *
 * @returns the ids of those that do not
 */
export async function notHealthy({ contestants, users }: OutageParts): Promise<string[]> {
  const [user] = users;
  const checked = contestants.map(async ({ id, replica, architecture }) => {
    const accepts = async () => {
      const headers = headersOf(architecture, user!);
      return (await fetch(`${replica.url}/orders/${user!.orderId}`, { headers })).ok;
    };
    try {
      await waitFor(accepts, { timeoutMs: HEALTHY_MILLISECONDS, intervalMs: 100 });
      return [];
    } catch {
      return [id];
    }
  });
  return (await Promise.all(checked)).flat();
}
