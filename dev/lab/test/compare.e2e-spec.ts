import { quickRun } from './quick-run.js';
import type { ComparedArchitecture, CompareReport } from '../src/compare/compare-report.js';

/** Checks what holds on machines of any speed. */
describe('npm run lab -- compare --quick', () => {
  let report: CompareReport & { readonly held: boolean };
  let printed: string;
  const architecture = (id: string): ComparedArchitecture =>
    report.architectures.find((one) => one.id === id)!;

  beforeAll(() => {
    ({ report, printed } = quickRun<typeof report>('compare'));
  });

  it('measures its architectures without failed requests', () => {
    expect(report.architectures.map(({ id }) => id)).toEqual([
      'unprotected',
      'jwt',
      'session-redis',
      'session-postgres',
      'introspection',
    ]);
    for (const { perSecond, atCommonRate, atOwnRate, cpuMicroseconds } of report.architectures) {
      expect(perSecond.median).toBeGreaterThan(0);
      expect(atCommonRate.p99.median).toBeGreaterThanOrEqual(atCommonRate.p50.median);
      expect(atOwnRate.p99.median).toBeGreaterThanOrEqual(atOwnRate.p50.median);
      expect(cpuMicroseconds.service?.median).toBeGreaterThan(0);
    }
    expect(report.held ? 'held' : printed).toBe('held');
  });

  it.each(['unprotected', 'jwt'])('%s asks nothing shared', (id) => {
    expect(architecture(id).shared).toBeUndefined();
  });

  it.each([
    ['session-redis', 'redis'],
    ['session-postgres', 'session-postgres'],
    ['introspection', 'auth'],
  ])('%s asks %s once per request', (id, part) => {
    expect(architecture(id).shared).toMatchObject({ part, roundTrips: 1 });
  });

  it('measures the cost of a refresh', () => {
    expect(report.refresh.cpuMicroseconds).toBeGreaterThan(0);
  });

  it('receives watermarks over NATS without any requests, if it verifies tokens', () => {
    expect(architecture('jwt').backgroundBytesPerSecond).toBeGreaterThan(0);
  });
});
