import { quickRun } from '../quick-run.js';
import type { OutageReport, OutageTimeline } from './outage-report.js';

/** What holds however slow the machine is. */
describe('npm run lab -- outage --quick', () => {
  let report: OutageReport;
  let printed: string;
  beforeAll(() => {
    ({ report, printed } = quickRun<OutageReport>('outage'));
  });

  const timelineOf = (away: string, id: string): OutageTimeline =>
    report.runs
      .find((each) => each.outage === away)!
      .timelines.find((timeline) => timeline.id === id)!;
  const sum = (timeline: OutageTimeline, what: 'accepted' | 'unavailable' | 'failed') =>
    timeline.slices.reduce((total, slice) => total + slice[what], 0);

  it('takes Redis and NATS away, one after the other, for as long as it says', () => {
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

  it('finds session cookies unavailable without Redis, and back when it is', () => {
    const timeline = timelineOf('session-redis', 'session-redis');
    expect(timeline.acceptedWhileDown).toBeLessThan(0.5);
    expect(timeline.recoveryMilliseconds).toBeDefined();
    expect(sum(timeline, 'unavailable')).toBeGreaterThan(0);
    // Nobody is told that they are logged out.
    expect(sum(timeline, 'failed')).toBe(0);
  });

  it('finds tokens accepted without Redis', () => {
    expect(timelineOf('session-redis', 'jwt-accept').acceptedWhileDown).toBe(1);
  });

  it('finds that without NATS accept goes on, refuse answers 503, and cookies do not notice', () => {
    expect(timelineOf('nats', 'jwt-accept').acceptedWhileDown).toBe(1);
    expect(timelineOf('nats', 'session-redis').acceptedWhileDown).toBe(1);
    const refusing = timelineOf('nats', 'jwt-refuse');
    expect(refusing.acceptedWhileDown).toBeLessThan(1);
    expect(sum(refusing, 'unavailable')).toBeGreaterThan(0);
    expect(sum(refusing, 'failed')).toBe(0);
  });

  it('prints a table for each, and what accepting means', () => {
    expect(printed).toMatch(/^Redis is away for \d/m);
    expect(printed).toMatch(/^NATS is away for \d/m);
    expect(printed).toContain('accept goes on then without hearing of log-outs');
  });
});
