import { jest } from '@jest/globals';
import { Paced } from './paced.js';

describe('work that is paced', () => {
  const EVERY = 2_000;
  let runs: number[];
  let paced: Paced;

  beforeEach(() => {
    jest.useFakeTimers({ now: 0 });
    runs = [];
    const start = performance.now();
    paced = new Paced(EVERY, () => runs.push(Math.round(performance.now() - start)));
  });
  afterEach(() => jest.useRealTimers());

  const pass = (milliseconds: number) => jest.advanceTimersByTime(milliseconds);

  it('runs at once when it is asked for the first time', () => {
    paced.request();
    pass(0);
    expect(runs).toEqual([0]);
  });

  it('delays what is asked for too early, and runs it once', () => {
    paced.request();
    pass(500);
    for (let times = 0; times < 10; times++) paced.request();
    pass(1_499);
    expect(runs).toEqual([0]);
    pass(10_001);
    expect(runs).toEqual([0, EVERY]);
    paced.request();
    pass(0);
    expect(runs).toEqual([0, EVERY, 12_000]);
  });

  it('counts what was done in another way', () => {
    pass(100);
    paced.noteRun();
    paced.request();
    pass(10_000);
    expect(runs).toEqual([EVERY + 100]);
  });

  it('can ask for itself again, as after a failure', () => {
    const failing = new Paced(EVERY, () => {
      runs.push(0);
      if (runs.length < 3) failing.request();
    });
    failing.request();
    pass(10_000);
    expect(runs).toHaveLength(3);
  });

  it('does nothing after it is stopped', () => {
    paced.request();
    paced.stop();
    paced.request();
    pass(10_000);
    expect(runs).toEqual([]);
  });
});
