import type { Summary } from '@latchkey/load-generator';
import { architectureOf, type ArchitectureId } from '../src/architectures/architecture.js';
import type { ComparedArchitecture, CompareReport } from '../src/compare/compare-report.js';

const around = (median: number, part = 0.04): Summary => ({
  median,
  min: median * (1 - part),
  max: median * (1 + part * 0.8),
});

interface Figures {
  readonly perSecond: number;
  readonly p99: number;
  readonly service: number;
  readonly shared?: ComparedArchitecture['shared'];
  readonly backgroundBytesPerSecond?: number;
}

const shared = (
  part: NonNullable<ComparedArchitecture['shared']>['part'],
  [roundTrips, bytesSent, bytesReceived, cpu]: readonly [number, number, number, number],
): ComparedArchitecture['shared'] => ({
  part,
  roundTrips,
  bytesSent,
  bytesReceived,
  cpuMicroseconds: around(cpu),
});

/** An architecture with consistent figures. */
export function compared(id: ArchitectureId, figures: Figures): ComparedArchitecture {
  const { perSecond, p99, service } = figures;
  return {
    id,
    label: architectureOf(id).label,
    perSecond: around(perSecond),
    atCommonRate: { perSecond: 700, p50: around(p99 / 3.1, 0.06), p99: around(p99, 0.2) },
    atOwnRate: {
      perSecond: perSecond * 0.7,
      p50: around(p99 / 2.5, 0.06),
      p99: around(p99 * 2.2, 0.25),
    },
    cpuMicroseconds: { service: around(service, 0.03), database: around(118, 0.03) },
    shared: figures.shared,
    backgroundBytesPerSecond: figures.backgroundBytesPerSecond ?? 0,
  };
}

/** A plausible comparison on a machine with two cores. */
export const COMPARE_FIXTURE: CompareReport = {
  rounds: 5,
  secondsPerRound: 4,
  connections: 16,
  users: 100,
  ownRatePart: 0.7,
  pinned: true,
  routes: ['GET /orders', 'GET /orders/:id'],
  refresh: { cpuMicroseconds: 3_140, tokenLifetimeSeconds: 300 },
  architectures: [
    compared('unprotected', { perSecond: 4_312, p99: 2.31, service: 204 }),
    compared('jwt-new', {
      perSecond: 3_270,
      p99: 2.9,
      service: 271,
      backgroundBytesPerSecond: 812,
    }),
    compared('jwt', { perSecond: 4_020, p99: 2.42, service: 222, backgroundBytesPerSecond: 812 }),
    compared('passport-jwt', { perSecond: 2_610, p99: 3.6, service: 351 }),
    compared('session-redis', {
      perSecond: 2_980,
      p99: 3.4,
      service: 298,
      shared: shared('redis', [1, 214, 386, 21.4]),
    }),
    compared('session-postgres', {
      perSecond: 1_870,
      p99: 6.1,
      service: 402,
      shared: shared('session-postgres', [1, 342, 517, 148]),
    }),
    compared('introspection', {
      perSecond: 904,
      p99: 14.2,
      service: 512,
      shared: shared('auth', [1, 1_310, 640, 731]),
    }),
  ],
};
