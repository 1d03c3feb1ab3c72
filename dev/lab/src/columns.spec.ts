import { formatColumns } from './columns.js';

describe('formatColumns', () => {
  it('is a Markdown table whose columns line up', () => {
    expect(
      formatColumns([
        ['', 'per second'],
        ['ours', '1,000'],
        ['a longer name', '9'],
      ]),
    ).toEqual([
      '|               | per second |',
      '| ------------- | ---------: |',
      '| ours          |      1,000 |',
      '| a longer name |          9 |',
    ]);
  });

  it('leaves a cell that is not there empty', () => {
    expect(formatColumns([['a', 'b'], ['x']]).at(-1)).toBe('| x   |     |');
  });
});
