import { quickRun } from './quick-run.js';
import type { OutageReport, OutageTimeline } from '../src/outage/outage-report.js';

/** Checks what holds on machines of any speed. */
describe('npm run lab -- outage --quick', () => {
  let report: OutageReport;
  let printed: string;
  beforeAll(() => {
    ({ report, printed } = quickRun<OutageReport>('outage'));
  });

  const timelineOf = (outage: string, id: string): OutageTimeline =>
    report.runs
      .find((each) => each.outage === outage)!
      .timelines.find((timeline) => timeline.id === id)!;
  const sum = (timeline: OutageTimeline, what: 'accepted' | 'unavailable' | 'failed') =>
    timeline.slices.reduce((total, slice) => total + slice[what], 0);

  it('kills Redis and NATS in turn, for the stated time', () => {
    expect(report.runs.map((run) => run.outage)).toEqual(['session-redis', 'nats']);
    for (const { downFrom, downTo, timelines } of report.runs) {
      expect(downFrom).toBeGreaterThan(0);
      expect(downTo - downFrom).toBeGreaterThanOrEqual(report.downSeconds * 1000);
      expect(timelines.map(({ id }) => id)).toEqual(['jwt-accept', 'jwt-refuse', 'session-redis']);
    }
  });

  it('accounts for every request in a slice', () => {
    const { requestsPerSecond, sliceMilliseconds } = report;
    for (const timeline of report.runs.flatMap(({ timelines }) => timelines)) {
      const seconds = (timeline.slices.length * sliceMilliseconds) / 1000;
      const counted = (['accepted', 'unavailable', 'failed'] as const).map((what) =>
        sum(timeline, what),
      );
      const all = counted.reduce((total, count) => total + count);
      expect(Math.abs(all - requestsPerSecond * seconds)).toBeLessThanOrEqual(1);
    }
  });

  it('finds session cookies unavailable without Redis, and available again afterwards', () => {
    const timeline = timelineOf('session-redis', 'session-redis');
    expect(timeline.acceptedWhileDown).toBeLessThan(0.5);
    expect(timeline.recoveryMilliseconds).toBeDefined();
    expect(sum(timeline, 'unavailable')).toBeGreaterThan(0);
    // No user is told that the session has ended.
    expect(sum(timeline, 'failed')).toBe(0);
  });

  it('finds tokens accepted without Redis', () => {
    expect(timelineOf('session-redis', 'jwt-accept').acceptedWhileDown).toBe(1);
  });

  it('finds that without NATS accept continues, refuse returns 503, and cookies are not affected', () => {
    expect(timelineOf('nats', 'jwt-accept').acceptedWhileDown).toBe(1);
    expect(timelineOf('nats', 'session-redis').acceptedWhileDown).toBe(1);
    const refusing = timelineOf('nats', 'jwt-refuse');
    expect(refusing.acceptedWhileDown).toBeLessThan(1);
    expect(sum(refusing, 'unavailable')).toBeGreaterThan(0);
    expect(sum(refusing, 'failed')).toBe(0);
  });

  it('prints a table for each outage, and what accepting means', () => {
    expect(printed).toMatch(/^Redis is down for \d/m);
    expect(printed).toMatch(/^NATS is down for \d/m);
    expect(printed).toContain('accept then continues without log-outs');
  });
});
