import { formatTextTable } from './text-table.js';

describe('formatTextTable', () => {
  it('makes a Markdown table whose columns line up', () => {
    expect(
      formatTextTable([
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

  it('aligns columns as asked', () => {
    expect(
      formatTextTable(
        [
          ['', 'verdict'],
          ['1,000', 'met'],
        ],
        ['right', 'left'],
      ),
    ).toEqual(['|       | verdict |', '| ----: | ------- |', '| 1,000 | met     |']);
  });

  it('leaves missing cells empty', () => {
    expect(formatTextTable([['a', 'b'], ['x']]).at(-1)).toBe('| x   |     |');
  });
});
