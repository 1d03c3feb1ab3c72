import { milliseconds, number, seconds } from '../pages/quantity.js';
import type { Section } from '../pages/section.js';
import { outageFigures } from './outage-figures.js';
import { outageFindings } from './outage-findings.js';
import type { OutageReport } from './outage-report.js';

/** The page of an outage run. */
export function outagePage(report: OutageReport): Section {
  const { requestsPerSecond, downSeconds, sliceMilliseconds } = report;
  return {
    title: 'What happens during an outage',
    question:
      'When Redis, the Postgres of the sessions, the auth service or NATS is down for a while, which architectures still accept requests, and how soon do the others recover?',
    findings: outageFindings(report),
    figures: outageFigures(report),
    howItWasMeasured: [
      `An open loop sends ${number(requestsPerSecond)} requests per second to each architecture, all with a valid credential, whether or not earlier ones were answered.`,
      `The part is killed, and started again ${seconds(downSeconds)} later; it is down until it answers again. Each request counts in the slice of ${milliseconds(sliceMilliseconds)} in which it was due.`,
      '“Accepted” is a successful response. With 503 the service says that it cannot tell whether the credential is valid, and the caller may retry. Everything else counts as failed: a valid credential that is refused, another error, or a timeout.',
      'When a verifier has not learned for a while (5 s, less in a quick run) that its deny-list is complete, “refuse” routes return 503, “ask” routes introspect tokens at the auth service, and “accept” routes continue.',
      'Failures end with the start of the first second after the outage in which every request was accepted.',
    ],
    whatItDoesNotShow: [
      'Log-outs during the outage. An architecture that continues may accept a user who has logged out: on an “accept” route until the token expires. The experiment “faults” checks what is accepted and what is not.',
      'Log-ins: without the auth service nobody can log in, under any architecture.',
      'A store with fail-over: its outages are shorter, but somebody has to set it up and operate it.',
    ],
  };
}
