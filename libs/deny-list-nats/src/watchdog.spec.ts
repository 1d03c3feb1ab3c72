import { jest } from '@jest/globals';
import { Watchdog } from './watchdog.js';

describe('Watchdog', () => {
  let watchdog: Watchdog;
  let freshAt: number;
  /** Checks once a second. @returns the seconds at which the finding was true */
  const secondsOf = (
    finding: 'isOverdue' | 'mustRead' | 'mustRenew',
    seconds: number,
    isDownloading = false,
  ) => {
    const found: number[] = [];
    for (let second = 1; second <= seconds; second++) {
      jest.advanceTimersByTime(1_000);
      if (watchdog.check(freshAt, isDownloading)[finding]) found.push(second);
    }
    return found;
  };

  beforeEach(() => {
    jest.useFakeTimers();
    jest.spyOn(Math, 'random').mockReturnValue(0.5);
    watchdog = new Watchdog();
    watchdog.noteActivity();
    freshAt = performance.now();
  });
  afterEach(() => {
    jest.restoreAllMocks();
    jest.useRealTimers();
  });

  it('finds watermarks overdue after 2.5 seconds', () => {
    expect(secondsOf('isOverdue', 5)).toEqual([3, 4, 5]);
  });

  it('reads the stream less and less often while watermarks are overdue', () => {
    expect(secondsOf('mustRead', 60)).toEqual([3, 4, 6, 10, 18, 33, 48]);
  });

  it('reads at once when watermarks are overdue again', () => {
    secondsOf('mustRead', 60);
    freshAt = performance.now();
    expect(secondsOf('mustRead', 3)).toEqual([3]);
  });

  it('replaces a silent connection, less and less often', () => {
    expect(secondsOf('mustRenew', 60)).toEqual([6, 11, 21, 41]);
  });

  it('keeps a connection over which something arrives', () => {
    for (let second = 0; second < 60; second++) {
      expect(secondsOf('mustRenew', 1)).toEqual([]);
      watchdog.noteActivity();
    }
  });

  it('keeps a silent connection while a snapshot is downloaded', () => {
    expect(secondsOf('mustRenew', 60, true)).toEqual([]);
  });

  it('repairs an incomplete list less and less often, and starts over once it was complete', () => {
    const repairs = () => {
      const found: number[] = [];
      for (let second = 0; second < 10; second++) {
        if (watchdog.mustRepair(true)) found.push(second);
        jest.advanceTimersByTime(1_000);
      }
      return found;
    };
    expect(repairs()).toEqual([0, 1, 3, 7]);
    expect(watchdog.mustRepair(false)).toBe(false);
    expect(repairs()).toEqual([0, 1, 3, 7]);
  });
});
