import { describeError, formatWarning, WarningLog, type Warning } from './index.js';

describe('WarningLog', () => {
  it('tells each reason once in ten seconds, and how often it was left out', () => {
    let now = 0;
    const told: Warning[] = [];
    const log = new WarningLog(
      (trouble) => told.push(trouble),
      () => now,
    );
    for (let count = 0; count < 100; count++) log.tell('a', 'A is wrong');
    log.tell('b', 'B is wrong');
    now = 9_999;
    log.tell('a', 'A is wrong');
    expect(told.map(formatWarning)).toEqual(['A is wrong', 'B is wrong']);
    now = 10_000;
    log.tell('a', 'A is wrong still');
    log.tell('a', 'A is wrong still');
    expect(formatWarning(told.at(-1)!)).toBe(
      'A is wrong still (and 100 times more since the last line)',
    );
    expect(told).toHaveLength(3);
  });
});

describe('describeError', () => {
  it.each<[string, unknown, string]>([
    ['an error', new Error('one'), 'one'],
    ['a chain', new Error('one', { cause: new Error('two') }), 'one: two'],
    [
      'one without a message',
      Object.assign(new Error(''), { code: 'ECONNREFUSED' }),
      'ECONNREFUSED',
    ],
    ['one of several lines', new Error('one\n  two\n'), 'one two'],
    ['what is no error', 'text', 'no reason was given'],
    ['nothing', undefined, 'no reason was given'],
  ])('reads %s', (_, error, expected) => {
    expect(describeError(error)).toBe(expected);
  });

  it('ends at a chain that does not', () => {
    const error = new Error('again');
    error.cause = error;
    expect(describeError(error)).toBe('again: again: again: again');
  });
});
