import { atLeast, atMost } from './figures.js';
import { formatTable, formatValue } from './table.js';

describe('formatTable', () => {
  const limit = {
    id: 'limit',
    label: 'limit',
    unit: 'per second',
    samples: [37_700, 36_000],
  } as const;
  const ratio = {
    id: 'a/b',
    label: 'ours ÷ limit',
    unit: 'ratio',
    samples: [0.8, 0.9],
  } as const;

  it('aligns columns and says which targets were met', () => {
    const memory = {
      id: 'm',
      label: 'memory',
      unit: 'MB',
      samples: [34.2],
      target: atMost(40),
    } as const;
    const missed = { ...ratio, target: atLeast(0.9) };
    expect(formatTable({ figures: [limit, memory], ratios: [missed] })).toBe(
      [
        '|              |   median |    lowest to highest | target              |',
        '| ------------ | -------: | -------------------: | ------------------- |',
        '| limit        | 36,850/s | 36,000/s to 37,700/s |                     |',
        '| memory       |  34.2 MB |   34.2 MB to 34.2 MB | ≤ 40.0 MB: met      |',
        '| ours ÷ limit |     0.85 |         0.80 to 0.90 | ≥ 0.90: **not met** |',
      ].join('\n'),
    );
  });

  it('has an empty cell without a target', () => {
    expect(formatTable({ figures: [limit], ratios: [ratio] })).not.toContain('met');
  });
});

describe('formatValue', () => {
  it.each([
    [1_234_567.8, 'per second', '1,234,568/s'],
    [0.8549, 'ratio', '0.85'],
    [33.96, 'MB', '34.0 MB'],
    [121.4, 'ns', '121 ns'],
    [88.5, 'µs', '89 µs'],
    [12.34, 'ms', '12.3 ms'],
    [1_000, 'count', '1,000'],
    [99.6, '%', '100 %'],
  ] as const)('writes %d %s as %s', (value, unit, text) => {
    expect(formatValue(value, unit)).toBe(text);
  });
});
