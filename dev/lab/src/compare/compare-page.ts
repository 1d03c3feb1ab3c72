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

/** The page of a comparison. */
export function comparePage(report: CompareReport): Section {
  return {
    title: 'The cost of each way to authenticate',
    question:
      'How many requests does the same service answer, how fast and at what cost, when only its authentication differs?',
    findings: compareFindings(report),
    figures:
      report.architectures.length === 0
        ? []
        : [throughputFigure, latencyFigure, processorFigure, sharedWorkFigure].map((of) =>
            of(report),
          ),
    howItWasMeasured: howItWasMeasured(report),
    whatItDoesNotShow: [
      'A real network. Everything runs on one machine over the loopback interface, where a round trip to a store costs less than between machines. A real network slows down every architecture that asks something, and does not affect the others.',
      'Absolute figures for other machines. Compare the ratios within this run.',
      'Log-outs. A plain JWT (passport-jwt) cannot be revoked before it expires; the experiment “revoke” measures that.',
    ],
  };
}

function howItWasMeasured(report: CompareReport): string[] {
  const { rounds, secondsPerRound, connections, users, ownRatePart, pinned, routes } = report;
  return [
    `The service is Latchkey’s orders service with its own Postgres; it answers ${listed(routes)} for ${counted(users, 'user')}. Only the guard of the routes differs.`,
    `${counted(rounds, 'round')} of ${seconds(secondsPerRound)} for each figure. Every round measures every architecture, each time in a different order, so that a slow moment of the machine affects all of them.`,
    `Requests per second: a closed loop of ${counted(connections, 'connection')}, each of which sends its next request as soon as the previous one is answered.`,
    `Latency: an open loop. Requests are due at fixed times, and latency counts from when a request was due, even if it had to wait for others. A stall therefore counts for every request that it delayed (no coordinated omission). The first requests, for which connections are opened, do not count. Every architecture can serve the common rate; the own rate is ${percent(ownRatePart)} of what the architecture answered in the closed loop.`,
    'Processor time is what the operating system counted for the processes of each part, divided by the number of requests.',
    pinned
      ? 'The service, its database, NATS, auth and the stores share one core, and the load generator has another one. Requests per second are therefore those of the whole system on one core: time that a store uses is not available to the service. The processor time of each part does not depend on that.'
      : 'This system could not pin processes to cores: the measured processes and the load generator disturb each other, and the figures are lower and less stable.',
    'Round trips and bytes were counted separately, through a proxy that is not involved in any timing.',
  ];
}
