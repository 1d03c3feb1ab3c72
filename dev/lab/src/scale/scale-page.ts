import { counted, percent, seconds } from '../pages/quantity.js';
import type { Section } from '../pages/section.js';
import { scaleFindings } from './scale-findings.js';
import { growthFigure, useFigure } from './scale-figures.js';
import type { ScaleReport } from './scale-report.js';

/** The page of a scale run. */
export function scalePage(report: ScaleReport): Section {
  const measured = {
    ...report,
    architectures: report.architectures.filter(({ points }) => points.length > 0),
  };
  return {
    title: 'How far each architecture scales',
    question: 'Do more replicas of the service answer more requests, and what limits them?',
    findings: scaleFindings(report),
    figures:
      measured.architectures.length === 0
        ? []
        : [growthFigure, useFigure].map((of) => of(measured)),
    howItWasMeasured: howItWasMeasured(report),
    whatItDoesNotShow: [
      'A large installation. The replicas are small on purpose, so that many fit on one machine and saturate the shared part. The number of replicas at which that happens depends on the size of both.',
      'A store with several servers. Redis and Postgres can get more cores, read replicas or shards; the curve then levels off later, and somebody has to operate them.',
      'A real network, a load balancer, or the service’s own database, any of which may be the limit at a thousand replicas.',
    ],
  };
}

function howItWasMeasured(report: ScaleReport): string[] {
  const { passes, secondsPerPoint, replicaShare, sharedShare, heldBy } = report;
  return [
    `Each replica is held to ${percent(replicaShare)} of a core, and the shared part to ${percent(sharedShare)} of a core, by ${heldBy}. They stand for machines that are larger by the same factor. Not held: NATS, and the Postgres of the services’ own data, which auth uses, too.`,
    `${counted(passes, 'pass', 'passes')} over all numbers of replicas, from the most to the fewest, each after a warm-up; ${seconds(secondsPerPoint)} for each point, with a closed loop.`,
    'The shared part counts as saturated from the first number of replicas at which it used nearly all of its allowed processor time. For auth this is the process without its Postgres.',
    'Requests per second only include 2xx responses. Behind a saturated store or auth, some requests exceed the timeouts of the services, which then return 503; the table counts them.',
    'The lines are the Universal Scalability Law, X(N) = λN / (1 + σ(N−1) + κN(N−1)), fitted to the medians and only drawn over the measured range.',
  ];
}
