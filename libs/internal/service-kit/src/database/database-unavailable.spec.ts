import {
  databaseTroubleOf,
  isDatabaseUnavailable,
  type DatabaseTrouble,
} from './database-unavailable.js';

const withCode = (code: string) => Object.assign(new Error('from Postgres or Node'), { code });

describe('databaseTroubleOf', () => {
  it.each<[string, Error, DatabaseTrouble]>([
    ['a refused connection', withCode('ECONNREFUSED'), 'unreachable'],
    ['a shutdown', withCode('57P01'), 'unreachable'],
    ['a broken protocol', withCode('08P01'), 'unreachable'],
    ['a standby', withCode('25006'), 'unreachable'],
    [
      'a connection that was not made in time',
      new Error('Connection terminated due to connection timeout'),
      'unreachable',
    ],
    ['a full pool', new Error('timeout exceeded when trying to connect'), 'busy'],
    ['a full server', withCode('53300'), 'busy'],
    ['a statement that took too long', withCode('57014'), 'slow'],
    ['a lock that was not granted in time', withCode('55P03'), 'slow'],
    ['a transaction that idled', withCode('25P03'), 'slow'],
    ['a missing answer', new Error('Query read timeout'), 'slow'],
    [
      'what TypeORM wraps',
      Object.assign(new Error('x'), { driverError: withCode('53300') }),
      'busy',
    ],
    ['several addresses', new AggregateError([withCode('ECONNREFUSED')]), 'unreachable'],
  ])('recognizes %s', (_, error, trouble) => {
    expect(databaseTroubleOf(error)).toBe(trouble);
    expect(isDatabaseUnavailable(error)).toBe(true);
  });

  it.each([
    ['a wrong statement', withCode('42601')],
    ['a taken name', withCode('23505')],
    ['an unrelated error', new Error('nothing of that kind')],
    ['a value that is not an error', 'timeout exceeded when trying to connect'],
    ['nothing', undefined],
  ])('ignores %s', (_, error) => {
    expect(databaseTroubleOf(error)).toBeUndefined();
  });
});
