import { milliseconds, number, seconds } from '../pages/quantity.js';
import type { Section } from '../pages/section.js';
import { outageFigures } from './outage-figures.js';
import { outageFindings } from './outage-findings.js';
import type { OutageReport } from './outage-report.js';

/** What a reader sees of a run of `outage`. */
export function outagePage(report: OutageReport): Section {
  const { requestsPerSecond, downSeconds, sliceMilliseconds } = report;
  return {
    title: 'What happens when something is away',
    question:
      'When Redis, the sessions’ Postgres, the auth service or NATS is away for a while, whose requests still get through, and how soon is all well again?',
    findings: outageFindings(report),
    figures: outageFigures(report),
    howItWasMeasured: [
      `An open loop sends ${number(requestsPerSecond)} requests per second to each architecture, all with a good credential, whether or not the ones before were answered.`,
      `The part is killed, and started again ${seconds(downSeconds)} later; it is away until it answers again. Each request is counted in the slice of ${milliseconds(sliceMilliseconds)} in which it was due.`,
      '“Accepted” is the answer that the caller came for. 503 is a refusal to judge: the service says that it cannot tell, and the caller may try again. Everything else counts as failed: a good credential refused, another error, or no answer in time.',
      'A route that says “refuse” begins to answer 503 when its verifier has not heard for a while (5 s, less in a quick run) that its deny-list is complete; “ask” asks the auth service from then on; “accept” goes on.',
      '“Free of failures” is the begin of the first second after the return in which every request was accepted.',
    ],
    whatItDoesNotShow: [
      'Log-outs that happen meanwhile. An architecture that goes on accepting may accept somebody who has logged out: on an “accept” route until the token expires. The experiment “faults” checks what is accepted and what is not.',
      'Log-ins: while the auth service is away nobody can log in, with any of the architectures.',
      'A store with a replica that takes over: a shorter outage, which somebody has to set up and run.',
    ],
  };
}
