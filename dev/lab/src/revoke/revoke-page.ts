import { counted, milliseconds, number } from '../pages/quantity.js';
import type { Section } from '../pages/section.js';
import { revokeFindings } from './revoke-findings.js';
import { refusalFigure } from './revoke-figures.js';
import type { RevokeReport } from './revoke-report.js';

/** The page of a revoke run. */
export function revokePage(report: RevokeReport): Section {
  const { architectures, replicas, watchedMilliseconds, callsPerSecond } = report;
  return {
    title: 'How soon a log-out takes effect',
    question:
      'A user logs out while many clients call with the same credential: when is the last of them refused?',
    findings: revokeFindings(report),
    figures: architectures.some(({ points }) => points.length > 0) ? [refusalFigure(report)] : [],
    howItWasMeasured: [
      `The clients are spread over ${counted(replicas, 'replica')} of the service and call in turn with one credential, ${number(callsPerSecond)} calls per second of all clients together. Then the credential is logged out, and each client records its first refusal.`,
      'A client learns of the log-out with its next call, so the time includes the wait until that call is due, and its duration. The more clients there are, the longer each one waits, under any architecture.',
      'There are two times: since the log-out was sent, and since its response. The latter matters for security, because a user who sees the response relies on it. A negative time means that the refusal came before the response.',
      `A client that is still accepted after ${milliseconds(watchedMilliseconds)} counts as never refused, and is not part of the percentiles.`,
    ],
    whatItDoesNotShow: [
      'Faults. A verifier that does not receive log-outs is bounded by its staleness limit instead (5 s by default); see the experiments “outage” and “faults”.',
      'Several machines: all clients and replicas share the cores of this one and wait for each other.',
    ],
  };
}
