import type { OpenLoopResult } from '@latchkey/load-generator';
import { distributionOf } from '../distribution.js';
import type { OutageTimeline, TimelineSlice } from './outage-report.js';

/** The outcome of a request. Times are milliseconds since the start of the timeline. */
export interface Sample {
  readonly due: number;
  /** From when it was due to the end of its response. */
  readonly latency: number;
  /** HTTP status; 0 without a timely response. */
  readonly status: number;
}

/** The outage: from the kill until the part answered again. */
export interface Down {
  readonly downFrom: number;
  readonly downTo: number;
}

const STABLE_MILLISECONDS = 1_000;
const UNAVAILABLE = 503;
/** No response. */
const NONE = 0;

/** Responses after this time count as timeouts. */
const PATIENCE_MILLISECONDS = 5_000;

/**
 * The samples of one of several URLs that got the requests in turn.
 *
 * @param from the start of the timeline, in milliseconds since the load's start; earlier requests are left out
 */
export function samplesOf(
  { dueMilliseconds, latencyMilliseconds, status }: OpenLoopResult,
  { index, urls, from }: { index: number; urls: number; from: number },
): Sample[] {
  return dueMilliseconds.flatMap((due, at) => {
    if (at % urls !== index || due < from) return [];
    const latency = latencyMilliseconds[at]!;
    const inTime = latency <= PATIENCE_MILLISECONDS;
    return [{ due: due - from, latency, status: inTime ? status[at]! : NONE }];
  });
}

/**
 * The timeline of one architecture before, during and after an outage.
 *
 * @param milliseconds how long requests were sent; an incomplete last slice is left out
 */
export function timelineOf(
  samples: readonly Sample[],
  down: Down,
  { milliseconds, sliceMilliseconds }: { milliseconds: number; sliceMilliseconds: number },
): Omit<OutageTimeline, 'id' | 'label'> {
  const slices = Array.from({ length: Math.floor(milliseconds / sliceMilliseconds) }, (_, index) =>
    sliceOf(samples, index * sliceMilliseconds, sliceMilliseconds),
  );
  return {
    slices,
    acceptedWhileDown: acceptedPart(samples.filter(isDueWhileDown(down))),
    recoveryMilliseconds: recoveryOf(samples, down.downTo, milliseconds),
  };
}

function sliceOf(all: readonly Sample[], from: number, milliseconds: number): TimelineSlice {
  const samples = all.filter(({ due }) => due >= from && due < from + milliseconds);
  const answered = samples.filter(({ status }) => status !== NONE);
  const accepted = samples.filter(isAccepted).length;
  const unavailable = samples.filter(({ status }) => status === UNAVAILABLE).length;
  return {
    fromMilliseconds: from,
    accepted,
    unavailable,
    failed: samples.length - accepted - unavailable,
    p99Milliseconds: p99Of(answered),
  };
}

/** @returns undefined without a sample */
export const p99Of = (samples: readonly Sample[]): number | undefined =>
  samples.length === 0 ? undefined : distributionOf(samples.map(({ latency }) => latency)).p99;

export const isAccepted = ({ status }: Sample) => status >= 200 && status < 300;

export const isDueWhileDown =
  ({ downFrom, downTo }: Down) =>
  ({ due }: Sample) =>
    due >= downFrom && due < downTo;

/** @returns 1 without a sample */
function acceptedPart(samples: readonly Sample[]): number {
  return samples.length === 0 ? 1 : samples.filter(isAccepted).length / samples.length;
}

/**
 * The time from the end of the outage to the start of the first second in which all requests were accepted.
 *
 * @returns undefined if there is no such second before the end
 */
function recoveryOf(samples: readonly Sample[], back: number, end: number): number | undefined {
  let stableSince = back;
  for (const sample of samples) {
    if (sample.due < back || isAccepted(sample)) continue;
    if (sample.due - stableSince >= STABLE_MILLISECONDS) break;
    stableSince = sample.due;
  }
  return end - stableSince >= STABLE_MILLISECONDS ? stableSince - back : undefined;
}
