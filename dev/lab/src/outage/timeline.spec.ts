import { samplesOf, timelineOf, type Sample } from './timeline.js';

const DOWN = { downFrom: 1_000, downTo: 2_000 };
const SHAPE = { milliseconds: 5_000, sliceMilliseconds: 250 };

/** A request every 50 ms, answered immediately. */
function steady(statusAt: (due: number) => number = () => 200): Sample[] {
  return Array.from({ length: 100 }, (_, index) => {
    const due = index * 50;
    return { due, latency: 5, status: statusAt(due) };
  });
}

const between = (from: number, to: number, status: number) => (due: number) =>
  due >= from && due < to ? status : 200;

describe('samplesOf', () => {
  const result = {
    startedAt: 77,
    dueMilliseconds: [0, 10, 20, 30, 40],
    latencyMilliseconds: [1, 2, 3, 4, 5],
    status: [200, 503, 401, 0, 200],
  };

  it('selects the requests of one URL', () => {
    expect(samplesOf(result, { index: 1, urls: 2, from: 0 })).toEqual([
      { due: 10, latency: 2, status: 503 },
      { due: 30, latency: 4, status: 0 },
    ]);
    const others = samplesOf(result, { index: 0, urls: 2, from: 0 });
    expect(others.map(({ due }) => due)).toEqual([0, 20, 40]);
  });

  it('leaves out requests that were due before the timeline begins', () => {
    const samples = samplesOf(result, { index: 0, urls: 2, from: 15 });
    expect(samples.map(({ due }) => due)).toEqual([5, 25]);
  });

  it('treats a response after more than five seconds as a timeout', () => {
    const late = { ...result, latencyMilliseconds: [5_000, 2, 5_001, 4, 5] };
    const samples = samplesOf(
      { ...late, status: [200, 200, 200, 200, 200] },
      { index: 0, urls: 2, from: 0 },
    );
    expect(samples.map(({ status }) => status)).toEqual([200, 0, 200]);
  });
});

describe('timelineOf', () => {
  it('has a slice for every part of the time, even without requests', () => {
    const { slices } = timelineOf([], DOWN, { milliseconds: 850, sliceMilliseconds: 250 });
    const nothing = { accepted: 0, unavailable: 0, failed: 0, p99Milliseconds: undefined };
    expect(slices).toEqual(
      [0, 250, 500].map((fromMilliseconds) => ({ fromMilliseconds, ...nothing })),
    );
  });

  it('counts a request in the slice in which it was due, however late its response came', () => {
    const samples = [
      { due: 0, latency: 4, status: 200 },
      { due: 249, latency: 3_000, status: 201 },
      { due: 250, latency: 6, status: 503 },
      { due: 260, latency: 7, status: 401 },
      { due: 270, latency: 8, status: 403 },
      { due: 280, latency: 9, status: 500 },
      { due: 290, latency: 5_000, status: 0 },
    ];
    const { slices } = timelineOf(samples, DOWN, { milliseconds: 500, sliceMilliseconds: 250 });
    expect(slices).toEqual([
      { fromMilliseconds: 0, accepted: 2, unavailable: 0, failed: 0, p99Milliseconds: 3_000 },
      // Requests without a response have no latency.
      { fromMilliseconds: 250, accepted: 0, unavailable: 1, failed: 4, p99Milliseconds: 9 },
    ]);
  });

  it('has no latency without responses', () => {
    const samples = [{ due: 0, latency: 5_000, status: 0 }];
    const { slices } = timelineOf(samples, DOWN, { milliseconds: 250, sliceMilliseconds: 250 });
    expect(slices[0]).toMatchObject({ failed: 1, p99Milliseconds: undefined });
  });

  describe('of an architecture that is not affected', () => {
    it('accepts everything and recovers immediately', () => {
      const { acceptedWhileDown, recoveryMilliseconds } = timelineOf(steady(), DOWN, SHAPE);
      expect(acceptedWhileDown).toBe(1);
      expect(recoveryMilliseconds).toBe(0);
    });

    it('accepts everything when no requests were due', () => {
      expect(timelineOf([], DOWN, SHAPE).acceptedWhileDown).toBe(1);
    });
  });

  describe('of an architecture that is affected', () => {
    it('gives the fraction accepted of the requests due during the outage', () => {
      const half = timelineOf(steady(between(1_500, 2_000, 503)), DOWN, SHAPE);
      expect(half).toMatchObject({ acceptedWhileDown: 0.5, recoveryMilliseconds: 0 });
      const none = timelineOf(steady(between(1_000, 2_000, 0)), DOWN, SHAPE);
      expect(none).toMatchObject({ acceptedWhileDown: 0, recoveryMilliseconds: 0 });
    });

    it('recovers with the last failure before a second without failures', () => {
      const status = between(1_000, 2_350, 503);
      expect(timelineOf(steady(status), DOWN, SHAPE).recoveryMilliseconds).toBe(300);
    });

    it('does not recover in a pause of less than a second', () => {
      const status = (due: number) => (due === 2_200 || due === 3_150 ? 500 : 200);
      expect(timelineOf(steady(status), DOWN, SHAPE).recoveryMilliseconds).toBe(1_150);
    });

    it('recovers before a failure that follows a second without failures', () => {
      const status = (due: number) => (due === 2_200 || due === 3_200 ? 500 : 200);
      expect(timelineOf(steady(status), DOWN, SHAPE).recoveryMilliseconds).toBe(200);
    });

    it('does not recover if less than a second is left', () => {
      const longer = between(1_000, 4_050, 503);
      expect(timelineOf(steady(longer), DOWN, SHAPE).recoveryMilliseconds).toBe(2_000);
      const never = between(1_000, 4_100, 503);
      expect(timelineOf(steady(never), DOWN, SHAPE).recoveryMilliseconds).toBeUndefined();
    });
  });
});
