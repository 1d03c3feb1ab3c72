import { tracedWork, type TracedWork } from '../tracing/traced.js';
import { tracedStatement, withoutLiterals } from './traced-statement.js';

describe('a traced statement', () => {
  it.each([
    ['SELECT $1::text, $12', 'SELECT $1::text, $12'],
    ["SELECT 'ada', 'it''s'", 'SELECT ?, ?'],
    ['SELECT 42, 1.5, t1.a2 FROM t1 LIMIT 10', 'SELECT ?, ?, t1.a2 FROM t1 LIMIT ?'],
    ['SELECT "a 1"', 'SELECT "a ?"'],
    [' SELECT\n  now() ', 'SELECT now()'],
  ])('has the text of %j without literals', (text, expected) => {
    expect(withoutLiterals(text)).toBe(expected);
  });

  it.each([
    ['select 1', 'SELECT'],
    ['START TRANSACTION', 'START'],
    ['WITH due AS (SELECT 1) UPDATE t SET a = 1', 'WITH'],
    ['', undefined],
  ])('has a name of low cardinality: %j', async (text, operation) => {
    const seen: TracedWork[] = [];
    const onStart = (message: unknown) => void seen.push(message as TracedWork);
    tracedWork.start.subscribe(onStart);
    try {
      await tracedStatement(text, () => Promise.resolve());
    } finally {
      tracedWork.start.unsubscribe(onStart);
    }
    expect(seen[0]?.name).toBe(operation ?? 'statement');
    expect(seen[0]?.attributes?.['db.operation.name']).toBe(operation);
  });
});
