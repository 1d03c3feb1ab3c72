import { counted, listed, percent, seconds } from '../pages/quantity.js';
import type { Section } from '../pages/section.js';
import { compareFindings } from './compare-findings.js';
import {
  latencyFigure,
  processorFigure,
  sharedWorkFigure,
  throughputFigure,
} from './compare-figures.js';
import type { CompareReport } from './compare-report.js';

/** What a reader sees of a comparison. */
export function comparePage(report: CompareReport): Section {
  return {
    title: 'What each way of knowing who calls costs',
    question:
      'How many requests does one and the same service answer, how fast, and at what cost, when only the way it knows its caller differs?',
    findings: compareFindings(report),
    figures:
      report.architectures.length === 0
        ? []
        : [throughputFigure, latencyFigure, processorFigure, sharedWorkFigure].map((of) =>
            of(report),
          ),
    howItWasMeasured: howItWasMeasured(report),
    whatItDoesNotShow: [
      'A real network: everything runs on one machine over the loopback interface, so that a round trip to a store costs less here than between machines. Real distance makes every way that asks slower, and leaves the others as they are.',
      'Absolute figures of other machines. Compare the ratios within this run.',
      'What a log-out is worth: a plain JWT (passport-jwt) is not revoked at all before it expires. The experiment “revoke” measures that.',
    ],
  };
}

function howItWasMeasured(report: CompareReport): string[] {
  const { rounds, secondsPerRound, connections, users, ownRatePart, pinned, routes } = report;
  return [
    `The service is Latchkey’s orders service with its own Postgres; it answers ${listed(routes)} for ${counted(users, 'user')}. Only the guard in front of the routes differs.`,
    `${counted(rounds, 'round')} of ${seconds(secondsPerRound)} for each figure. In each round every architecture has its turn, in another order, so that a slow moment of the machine meets all of them.`,
    `Requests per second: a closed loop of ${counted(connections, 'connection')}, each of which sends its next request as soon as the last one was answered.`,
    `Latency: an open loop. Requests are due at fixed times, and a latency counts from when its request was due, also when it had to wait for others. A stall is therefore seen in every request that it delayed (no coordinated omission). What is due at the beginning, while connections are opened, does not count. The common rate is one that every architecture can serve; the own rate is ${percent(ownRatePart)} of what the architecture answered in the closed loop.`,
    'Processor time is what the operating system has counted for the processes of each part, divided by the requests.',
    pinned
      ? 'The service, its database, NATS, auth and the stores are held to one core together, and the load generator to another one. So requests per second are those of the whole system on one core, and what a store needs is missing to the service; the processor time of each part does not depend on that.'
      : 'The processes could not be held to a core each on this system: what is measured and the load generator disturb each other, and the figures are lower and less steady for it.',
    'Round trips and bytes were counted in runs of their own, through a proxy that has no part in any time.',
  ];
}
