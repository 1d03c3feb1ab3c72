import { counted, milliseconds, number } from '../pages/quantity.js';
import type { Section } from '../pages/section.js';
import { revokeFindings } from './revoke-findings.js';
import { refusalFigure } from './revoke-figures.js';
import type { RevokeReport } from './revoke-report.js';

interface CallRate {
  /** Of all clients together. */
  readonly callsPerSecond?: number | undefined;
}

/** What a reader sees of a run of `revoke`. */
export function revokePage(report: RevokeReport & CallRate): Section {
  const { architectures, replicas, watchedMilliseconds, callsPerSecond } = report;
  return {
    title: 'How soon a log-out counts',
    question:
      'Somebody logs out while many clients call with the same credential: when is the last of them refused?',
    findings: revokeFindings(report),
    figures: architectures.some(({ points }) => points.length > 0) ? [refusalFigure(report)] : [],
    howItWasMeasured: [
      `The clients are spread over ${counted(replicas, 'replica')} of the service and call in turn with one credential${pace(callsPerSecond)}. It is logged out, and each client notes when its first refusal came.`,
      'A client learns of it with its next call: the time includes the wait until that is due, and its duration. The more clients take turns, the longer each one waits, whatever the architecture.',
      'Two times are kept: since the log-out was sent, and since its answer. For safety the latter counts: a user who was told “logged out” expects that it is so. A negative time means that the refusal came before the answer.',
      `A client that is still accepted after ${milliseconds(watchedMilliseconds)} counts as never refused; it has no part in the percentiles.`,
    ],
    whatItDoesNotShow: [
      'Faults. A verifier that is cut off from the log-outs is bounded by its staleness limit instead (5 s by default); see the experiment “outage”, and “faults” for the proof.',
      'More machines: all clients and replicas share the cores of this one and wait for each other.',
    ],
  };
}

const pace = (callsPerSecond: number | undefined) =>
  callsPerSecond === undefined
    ? ''
    : `, ${number(callsPerSecond)} calls per second of all of them together`;
