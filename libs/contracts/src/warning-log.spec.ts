import { describeError, formatWarning, WarningLog, type Warning } from './index.js';

describe('WarningLog', () => {
  it('writes each reason once in 10 seconds, and counts the suppressed ones', () => {
    let now = 0;
    const written: Warning[] = [];
    const log = new WarningLog(
      (warning) => written.push(warning),
      () => now,
    );
    for (let count = 0; count < 100; count++) log.warn('a', 'A is wrong');
    log.warn('b', 'B is wrong');
    now = 9_999;
    log.warn('a', 'A is wrong');
    expect(written.map(formatWarning)).toEqual(['A is wrong', 'B is wrong']);
    now = 10_000;
    log.warn('a', 'A is wrong still');
    log.warn('a', 'A is wrong still');
    expect(formatWarning(written.at(-1)!)).toBe(
      'A is wrong still (100 more like this since the last warning)',
    );
    expect(written).toHaveLength(3);
  });
});

describe('describeError', () => {
  it.each<[string, unknown, string]>([
    ['the message of an error', new Error('one'), 'one'],
    ['the messages of its causes', new Error('one', { cause: new Error('two') }), 'one: two'],
    [
      'the code of an error without a message',
      Object.assign(new Error(''), { code: 'ECONNREFUSED' }),
      'ECONNREFUSED',
    ],
    ['a message with line breaks as one line', new Error('one\n  two\n'), 'one two'],
    ['a default for a value that is not an error', 'text', 'no reason was given'],
    ['a default for undefined', undefined, 'no reason was given'],
  ])('returns %s', (_, error, expected) => {
    expect(describeError(error)).toBe(expected);
  });

  it('stops at a cycle of causes', () => {
    const error = new Error('again');
    error.cause = error;
    expect(describeError(error)).toBe('again: again: again: again');
  });
});
