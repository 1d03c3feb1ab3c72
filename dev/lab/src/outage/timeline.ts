import type { OpenLoopResult } from '@latchkey/load-generator';
import { distributionOf } from '../distribution.js';
import type { OutageTimeline, TimelineSlice } from './outage-report.js';

/** What became of one request. Milliseconds since the timeline's begin. */
export interface Sample {
  readonly due: number;
  /** From when it was due to the end of its answer. */
  readonly latency: number;
  /** Of the answer; 0 where there was none in time. */
  readonly status: number;
}

/** While it was away: from the kill to when it answered again. */
export interface Down {
  readonly downFrom: number;
  readonly downTo: number;
}

const CALM_MILLISECONDS = 1_000;
const UNAVAILABLE = 503;
/** No answer came. */
const NONE = 0;

/** Whoever waits longer than this has given up, whatever comes later. */
const PATIENCE_MILLISECONDS = 5_000;

/**
 * The samples of one of several URLs that had requests in turn.
 *
 * @param from when the timeline begins, in milliseconds since the load's start; what was due before is left out
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
 * What one architecture did before, during and after an outage.
 *
 * @param milliseconds how long requests were sent; what is left of it beside whole slices is in none
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

/** @returns 1 without a sample: nothing was turned away */
function acceptedPart(samples: readonly Sample[]): number {
  return samples.length === 0 ? 1 : samples.filter(isAccepted).length / samples.length;
}

/**
 * From the return to the begin of the first second in which all requests that were due were accepted.
 *
 * @returns undefined when there is none before the end
 */
function recoveryOf(samples: readonly Sample[], back: number, end: number): number | undefined {
  let calmSince = back;
  for (const sample of samples) {
    if (sample.due < back || isAccepted(sample)) continue;
    if (sample.due - calmSince >= CALM_MILLISECONDS) break;
    calmSince = sample.due;
  }
  return end - calmSince >= CALM_MILLISECONDS ? calmSince - back : undefined;
}
