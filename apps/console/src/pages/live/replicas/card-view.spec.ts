import type { LiveStatus, LiveVerifier } from '@latchkey/contracts/live';
import { deniedBy, isCurrent, outcomesOf, responsesOf, stalenessOf } from './card-view.js';
import type { Connection } from './replica.js';

const VERIFIER: LiveVerifier = {
  whenStale: 'refuse',
  loaded: true,
  stalenessMilliseconds: 400,
  maxStalenessMilliseconds: 5_000,
  fresh: true,
  appliedThrough: 7,
  denied: { session: 3, token: 0, subject: 1, client: 0, key: 0 },
  tokens: {
    accepted: 9,
    rejected: { revoked: 4, expired: 2 },
    unavailable: { revocations_stale: 5 },
  },
};
const STATUS: LiveStatus = {
  service: 'orders',
  instance: '0123456789ab',
  atMilliseconds: 0,
  uptimeSeconds: 5,
  responses: { 200: 3, 201: 1, 401: 2, 503: 7 },
};

describe('the staleness on a card', () => {
  it.each([
    [400, true, 'fresh', 8],
    [2_000, true, 'fresh', 40],
    [2_050, true, 'ageing', 41],
    [4_999, true, 'ageing', 100],
    [5_000, false, 'stale', 100],
    [60_000, false, 'stale', 100],
    [null, false, 'unknown', 100],
  ] as const)('%s ms (fresh: %s) is %s', (stalenessMilliseconds, fresh, level, percent) => {
    expect(stalenessOf({ ...VERIFIER, stalenessMilliseconds, fresh })).toEqual({
      ...{ level, percent, limitSeconds: 5 },
      seconds: stalenessMilliseconds === null ? null : stalenessMilliseconds / 1_000,
    });
  });
});

describe('the counts on a card', () => {
  it('are tokens by outcome, and entries of the deny-list', () => {
    expect(outcomesOf(VERIFIER)).toEqual({ accepted: 9, rejected: 6, revoked: 4, unavailable: 5 });
    const tokens = { accepted: 0, rejected: {}, unavailable: {} };
    const nothing = { accepted: 0, rejected: 0, revoked: 0, unavailable: 0 };
    expect(outcomesOf({ ...VERIFIER, tokens })).toEqual(nothing);
    expect(deniedBy(VERIFIER)).toBe(4);
  });

  it('are responses by class', () => {
    expect(responsesOf(STATUS)).toEqual({ '2xx': 4, '4xx': 2, '5xx': 7 });
    expect(responsesOf({ ...STATUS, responses: {} })).toEqual({});
  });
});

describe('the figures on a card', () => {
  const address = { name: 'orders-1', url: 'http://127.0.0.1:4010' };
  it.each<[Connection, boolean]>([
    ['live', true],
    ['connecting', false],
    ['lost', false],
    ['off', false],
  ])('are current while the connection is %s: %s', (connection, expected) => {
    expect(isCurrent({ address, connection, status: STATUS })).toBe(expected);
  });

  it('are not current before the first ones', () => {
    expect(isCurrent({ address, connection: 'live' })).toBe(false);
  });
});
