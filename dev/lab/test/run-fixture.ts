import { RUN_SCHEMA, type Run } from '../src/pages/run.js';
import { COMPARE_FIXTURE } from './compare-fixture.js';
import { OUTAGE_FIXTURE } from './outage-fixture.js';
import { REVOKE_FIXTURE } from './revoke-fixture.js';
import { SCALE_FIXTURE } from './scale-fixture.js';

/** A plausible report of each experiment that has a page. */
export const REPORTS: Readonly<Record<string, object>> = {
  compare: COMPARE_FIXTURE,
  scale: SCALE_FIXTURE,
  revoke: REVOKE_FIXTURE,
  outage: OUTAGE_FIXTURE,
};

/** A kept run: a full one of a clean checkout, unless overridden. */
export function makeRun(experiment: string, more: Partial<Run> = {}): Run {
  return {
    schema: RUN_SCHEMA,
    experiment,
    command: `npm run lab -- ${experiment}`,
    options: { quick: false },
    machine: {
      processor: 'AMD EPYC 7B13',
      cores: 2,
      memoryGiB: 8,
      system: 'linux 6.8.0',
      node: 'v20.20.1',
      openssl: '3.0.17',
      loadAverage: 0.34,
      versions: {
        '@nestjs/core': '12.5.1',
        '@nats-io/transport-node': '3.4.0',
        '@nats-io/jetstream': '3.4.0',
        pg: '8.23.1',
        jose: '6.2.18',
        'passport-jwt': '4.0.1',
      },
      commit: '1740410ab12c',
    },
    versions: { PostgreSQL: '18.1', Redis: '7.0.15', 'nats-server': '2.10.27' },
    startedAt: '2026-05-19T10:15:30.000Z',
    seconds: 412,
    held: true,
    complaints: [],
    report: REPORTS[experiment] ?? {},
    ...more,
  };
}
