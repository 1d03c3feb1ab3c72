import {
  bytes,
  differ,
  duration,
  listed,
  milliseconds,
  number,
  percent,
  spread,
} from './quantity.js';

describe('quantities', () => {
  it.each([
    [number(12_345.6), '12,346'],
    [number(12.345), '12.3'],
    [number(0), '0'],
    [milliseconds(0.4219), '0.422 ms'],
    [milliseconds(-3.14), '-3.14 ms'],
    [milliseconds(12_300), '12.3 s'],
    [bytes(812), '812 bytes'],
    [bytes(20_480), '20 KiB'],
    [duration(59.6), '60 s'],
    [duration(412), '6 min 52 s'],
    [spread({ median: 2, min: 1, max: 3 }), '2 (1 to 3)'],
    [spread({ median: 2, min: 2, max: 2 }), '2'],
    [spread(undefined), 'unknown'],
  ])('%s', (text, expected) => {
    expect(text).toBe(expected);
  });

  it('rounds a fraction neither to 100% nor to 0%', () => {
    expect([1, 0.9999, 0.995, 0.42, 0.042, 0.0004, 0].map(percent)).toEqual([
      '100%',
      'more than 99.9%',
      '99.5%',
      '42%',
      '4.2%',
      'less than 0.1%',
      '0%',
    ]);
  });

  it('joins parts that contain commas with semicolons', () => {
    expect(listed([])).toBe('');
    expect(listed(['a'])).toBe('a');
    expect(listed(['a', 'b', 'c'])).toBe('a, b and c');
    expect(listed(['a, x', 'b'])).toBe('a, x; and b');
    expect(listed(['“a, x”', '“b”'])).toBe('“a, x” and “b”');
    expect(listed(['a, x', 'b', 'c'])).toBe('a, x; b; and c');
  });

  it('considers figures different only if their ranges do not overlap', () => {
    const middle = { median: 5, min: 4, max: 6 };
    expect(differ(middle, { median: 8, min: 6.1, max: 9 })).toBe(true);
    expect(differ(middle, { median: 8, min: 6, max: 9 })).toBe(false);
  });
});
