import { tableLines } from './table.js';

describe('tableLines', () => {
  it('makes each column as wide as what is in it', () => {
    const rows = [
      { label: 'jwt', cells: ['1.0', 'more than wide'] },
      { label: 'session cookie', cells: ['-', '2'] },
    ];
    expect(tableLines({ title: 'ms', columns: ['p50', 'max'], rows })).toEqual([
      '| ms             |      p50 |            max |',
      '| -------------- | -------: | -------------: |',
      '| jwt            |      1.0 | more than wide |',
      '| session cookie |        - |              2 |',
    ]);
  });

  it('leaves a cell that is missing empty, and needs no row', () => {
    const rows = [{ label: 'jwt', cells: [] }];
    expect(tableLines({ title: '', columns: ['max'], rows })[2]).toBe('| jwt |          |');
    expect(tableLines({ title: 'ms', columns: ['max'], rows: [] })).toHaveLength(2);
  });
});
