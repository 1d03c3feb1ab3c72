import { counted, percent, seconds } from '../pages/quantity.js';
import type { Section } from '../pages/section.js';
import { scaleFindings } from './scale-findings.js';
import { growthFigure, useFigure } from './scale-figures.js';
import type { ScaleReport } from './scale-report.js';

/** What a reader sees of a run of `scale`. */
export function scalePage(report: ScaleReport): Section {
  const measured = {
    ...report,
    architectures: report.architectures.filter(({ points }) => points.length > 0),
  };
  return {
    title: 'How far each way scales',
    question:
      'When more and more replicas of the service are started, do they answer more requests, and what stops them?',
    findings: scaleFindings(report),
    figures:
      measured.architectures.length === 0
        ? []
        : [growthFigure, useFigure].map((of) => of(measured)),
    howItWasMeasured: howItWasMeasured(report),
    whatItDoesNotShow: [
      'A large installation. The replicas are small on purpose, so that many fit on one machine and what is shared is full while they still have room; the replica count at which that happens depends on how large either is.',
      'A store with more than one server. Redis and Postgres can be given more cores, read replicas or shards; the curve then bends later, and somebody has to run them.',
      'The real network, the load balancer, or the service’s own database: what else would be the limit at a thousand replicas.',
    ],
  };
}

function howItWasMeasured(report: ScaleReport): string[] {
  const { passes, secondsPerPoint, replicaShare, sharedShare, heldBy } = report;
  return [
    `Each replica is held to ${percent(replicaShare)} of a core, and what they share to ${percent(sharedShare)} of a core, by ${heldBy}. They stand for machines that are as many times as large. Not held: NATS, and the Postgres of the services’ own data, which is auth’s too.`,
    `${counted(passes, 'pass', 'passes')} over all numbers of replicas, from the most to the fewest, each by itself warmed up before; ${seconds(secondsPerPoint)} for each point, with a closed loop: as many requests as are answered.`,
    'What is shared counts as saturated from the first number of replicas at which it used nearly all of the processor time that it is allowed. Of auth that is the process that is asked, without its Postgres.',
    'Requests per second are those answered with 2xx. A store or an auth without time left makes some wait beyond the time limits of the services, which answer 503 then: the table counts them.',
    'The lines are the Universal Scalability Law, X(N) = λN / (1 + σ(N−1) + κN(N−1)), fitted to the medians and drawn no further than it was measured.',
  ];
}
