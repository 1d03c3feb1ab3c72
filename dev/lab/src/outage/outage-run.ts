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
import type { RunningContender } from './contenders.js';
import type { OutageRun } from './outage-report.js';
import {
  isDueWhileDown,
  p99Of,
  samplesOf,
  timelineOf,
  type Down,
  type Sample,
} from './timeline.js';
import type { OutageTarget } from './outage-targets.js';

/** The phases of an outage, and the load during it. */
export interface OutagePlan {
  /** To each architecture. */
  readonly requestsPerSecond: number;
  readonly baselineSeconds: number;
  readonly downSeconds: number;
  /** From when the part answers again. */
  readonly afterSeconds: number;
  readonly sliceMilliseconds: number;
}

export interface OutageParts {
  readonly contenders: readonly RunningContender[];
  readonly load: LoadGenerator;
  readonly users: readonly User[];
}

/** The run, with further figures for its table. */
export interface ObservedOutage {
  readonly run: OutageRun;
  readonly figures: ReadonlyMap<string, OutageFigures>;
}

/** Figures for one architecture. */
export interface OutageFigures {
  readonly p99BeforeMilliseconds: number | undefined;
  /** Undefined without a response. */
  readonly p99WhileDownMilliseconds: number | undefined;
  /** Number of requests that were due during the outage, by status. */
  readonly statusWhileDown: Readonly<Record<string, number>>;
}

/** Enough connections that no request waits for slow responses to others. */
const CONNECTIONS_EACH = 200;
/** Time before the timeline, in which connections are opened. */
const LEAD_SECONDS = 3;
/** A killed server may have to recover from its log first. */
const LONGEST_RETURN_SECONDS = 60;
const HEALTHY_MILLISECONDS = 30_000;

/** Kills a part under load on all architectures at the same time, and starts it again. */
export async function playOutage(
  { contenders, load, users }: OutageParts,
  target: OutageTarget,
  plan: OutagePlan,
): Promise<ObservedOutage> {
  const seconds =
    LEAD_SECONDS +
    plan.baselineSeconds +
    plan.downSeconds +
    plan.afterSeconds +
    LONGEST_RETURN_SECONDS;
  const enough = new AbortController();
  const loaded = load.openLoop({ ...loadOn(contenders, users, plan), seconds }, enough.signal);
  const broken = killAndRestart(target, plan).finally(() => enough.abort());
  const [result, { killedAt, backAt }] = await Promise.all([loaded, broken]);
  const perMillisecond = (plan.requestsPerSecond * contenders.length) / 1000;
  const beginsAt = result.startedAt + LEAD_SECONDS * 1000;
  const down = { downFrom: killedAt - beginsAt, downTo: backAt - beginsAt };
  const milliseconds = result.status.length / perMillisecond - LEAD_SECONDS * 1000;
  const figures = new Map<string, OutageFigures>();
  const timelines = contenders.map(({ id, label }, index) => {
    const samples = samplesOf(result, {
      index,
      urls: contenders.length,
      from: LEAD_SECONDS * 1000,
    });
    const { sliceMilliseconds } = plan;
    figures.set(id, figuresOf(samples, down));
    const shape = { milliseconds, sliceMilliseconds };
    return { id, label, ...timelineOf(samples, down, shape) };
  });
  const { outage, label } = target;
  return { run: { outage, label, ...down, timelines }, figures };
}

/** Warms up one contender after the other. */
export async function warmUpAll({ contenders, load, users }: OutageParts): Promise<void> {
  for (const contender of contenders)
    await warmUp(load, contender.replica.url, inTurn([contender], users));
}

function loadOn(
  contenders: readonly RunningContender[],
  users: readonly User[],
  { requestsPerSecond }: OutagePlan,
): Omit<OpenLoop, 'seconds'> {
  return {
    urls: contenders.map(({ replica }) => replica.url),
    requests: inTurn(contenders, users),
    connections: CONNECTIONS_EACH * contenders.length,
    method: 'GET',
    perSecond: requestsPerSecond * contenders.length,
  };
}

/** The requests in the order of the URLs, which get them in turn. */
function inTurn(contenders: readonly RunningContender[], users: readonly User[]): LoadRequest[] {
  return users.flatMap((user) =>
    contenders.map(({ architecture }) => ({
      path: `/orders/${user.orderId}`,
      headers: headersOf(architecture, user),
    })),
  );
}

async function killAndRestart(target: OutageTarget, plan: OutagePlan) {
  const { baselineSeconds, downSeconds, afterSeconds } = plan;
  await delay((LEAD_SECONDS + baselineSeconds) * 1000);
  const killedAt = moment();
  await target.process.kill();
  await delay(killedAt + downSeconds * 1000 - moment());
  await target.process.restart();
  const backAt = moment();
  await delay(afterSeconds * 1000);
  return { killedAt, backAt };
}

function figuresOf(samples: readonly Sample[], down: Down): OutageFigures {
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
 * Waits until every architecture accepts requests again.
 *
 * @returns the ids of those that do not in time
 */
export async function unhealthyContenders({ contenders, users }: OutageParts): Promise<string[]> {
  const [user] = users;
  const checked = contenders.map(async ({ id, replica, architecture }) => {
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
