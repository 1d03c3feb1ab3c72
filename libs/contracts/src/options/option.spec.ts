import {
  aFunction,
  anObject,
  httpUrl,
  nonEmptyString,
  nonEmptyStrings,
  nonNegativeInteger,
  nonNegativeSeconds,
  oneOf,
  option,
  optional,
  positiveSeconds,
  secretString,
  timerSeconds,
  type OptionRule,
} from './index.js';

const MAX_TIMER_SECONDS = 2_147_483;

const RULES: readonly [string, OptionRule<unknown>, readonly unknown[], readonly unknown[]][] = [
  ['a string', nonEmptyString, ['a'], ['', 1, null, undefined, ['a'], {}]],
  ['strings', nonEmptyStrings, ['a', ['a', 'b']], ['', [], ['a', ''], ['a', 1], 1, null, {}]],
  [
    'a URL',
    httpUrl,
    ['https://a.test/b', 'http://127.0.0.1:1', new URL('https://a.test')],
    ['a', 'ftp://a.test', 'nats://a.test', new URL('file:///a'), '', 1, null, {}],
  ],
  [
    'a positive number',
    positiveSeconds,
    [0.1, 5, 1e9],
    ['5', 0, -1, NaN, Infinity, -Infinity, null, true, 5n, [5]],
  ],
  [
    'a non-negative number',
    nonNegativeSeconds,
    [0, 0.1, 1e9],
    ['0', -0.1, NaN, Infinity, null, false, {}],
  ],
  [
    'the time of a timer',
    timerSeconds,
    [0.1, MAX_TIMER_SECONDS],
    [MAX_TIMER_SECONDS + 1, 0, '5', NaN, Infinity],
  ],
  ['a count', nonNegativeInteger, [0, 20_000], [0.5, -1, NaN, Infinity, '1', null, 2 ** 53]],
  ['an object', anObject, [{}], [null, [], 'a', 1, () => undefined]],
  ['a function', aFunction(), [() => undefined], [null, {}, 'a', 1]],
  ['one of some strings', oneOf('a', 'b'), ['a', 'b'], ['A', 'c', '', null, 1, ['a']]],
];

describe('option', () => {
  it.each(RULES)('accepts only %s', (_, rule, accepted, refused) => {
    for (const value of accepted) expect(option('it', value, rule)).toBe(value);
    for (const value of refused) expect(() => option('it', value, rule)).toThrow(TypeError);
  });

  it.each<[unknown, string]>([
    [undefined, 'missing'],
    ['', 'an empty string'],
    ['5', 'the string "5"'],
    ['x'.repeat(100), `the string "${'x'.repeat(40)}"…`],
    [NaN, 'NaN'],
    [-1, '-1'],
    [null, 'null'],
    [true, 'true'],
    [[], 'an empty array'],
    [[5], 'an array'],
    [{}, 'an object'],
    [() => 5, 'a function'],
  ])('says that %p is %s', (value, shown) => {
    expect(() => option('time', value, positiveSeconds)).toThrow(
      new TypeError(`time must be a finite, positive number of seconds; it is ${shown}`),
    );
  });

  it('lists the allowed strings', () => {
    expect(() => option('mode', 'd', oneOf('a', 'b', 'c'))).toThrow(
      new TypeError(`mode must be 'a', 'b' or 'c'; it is the string "d"`),
    );
  });

  it('never quotes a secret or a URL', () => {
    expect(() => option('url', 'hunter2', httpUrl)).toThrow(/it is another string$/);
    expect(() => option('secret', '', secretString)).toThrow(/it is an empty string$/);
  });

  it('uses the default for undefined only', () => {
    expect(option('time', undefined, positiveSeconds, 5)).toBe(5);
    expect(() => option('time', null, positiveSeconds, 5)).toThrow(/it is null$/);
    expect(optional('time', undefined, positiveSeconds)).toBeUndefined();
    expect(() => optional('time', null, positiveSeconds)).toThrow(/it is null$/);
  });
});
