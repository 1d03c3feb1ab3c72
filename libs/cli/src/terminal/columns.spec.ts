import { Columns } from './columns.js';

const columns = () =>
  new Columns<readonly [string, string]>([
    { heading: 'USER', cell: ([name]) => name },
    { heading: 'STATE', cell: ([, state]) => state },
  ]);

describe('columns', () => {
  it('line up, whatever the width of the characters', () => {
    const rows = [
      ['ada', 'x'],
      ['ガギグ', 'x'],
      ['ดี', 'x'],
    ] as const;
    expect(columns().format(rows, true)).toEqual([
      'USER    STATE',
      'ada     x',
      'ガギグ  x',
      'ดี       x',
    ]);
  });

  it('never become narrower on a later page', () => {
    const table = columns();
    table.format([['a-long-name', 'x']], true);
    expect(table.format([['ada', 'x']], false)).toEqual(['ada          x']);
  });

  it('have headings without rows', () => {
    expect(columns().format([], true)).toEqual(['USER  STATE']);
  });

  it('show no control characters', () => {
    expect(columns().format([['a\u001b]0;b\u0007', 'c\nd']], false)).toEqual([
      'a\ufffd]0;b\ufffd  c\ufffdd',
    ]);
  });
});
