import { FailureLog } from './failure-log.js';

describe('FailureLog', () => {
  const failures = new FailureLog();
  const lines: string[] = [];
  const note = (error: unknown) => failures.note(error, (failure) => lines.push(failure));
  beforeEach(() => {
    failures.clear();
    lines.length = 0;
  });

  it('logs a failure when it begins or changes, and again after a success', () => {
    for (const message of ['down', 'down', 'denied', 'down']) note(new Error(message));
    expect(lines).toEqual(['down', 'denied', 'down']);
    expect(failures.clear()).toBe(true);
    note(new Error('down'));
    expect(lines).toEqual(['down', 'denied', 'down', 'down']);
  });

  it('knows the failure of the last attempt', () => {
    expect([failures.current, failures.clear()]).toEqual([undefined, false]);
    note('a thrown string');
    expect(failures.current).toBe('a thrown string');
    failures.clear();
    expect(failures.current).toBeUndefined();
  });
});
