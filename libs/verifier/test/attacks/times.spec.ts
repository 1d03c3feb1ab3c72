import {
  ACCESS_TOKENS_ONLY,
  describeAttacks,
  makeTarget,
  type Attack,
  type Target,
} from './attacks-fixture.js';

/** The verifiers' clock is frozen, so that the tests can be exact to the second. */
const NOW = Math.floor(Date.now() / 1000);
const now = () => NOW * 1000;
const TOLERANCE = 5;
const HOUR = 3600;

type Claims = Readonly<Record<string, unknown>>;

const withClaims =
  (claims: Claims): Attack[1] =>
  ({ sign }) =>
    sign({ claims });

const TIMES = ['exp', 'iat', 'nbf'];

/** Values that are not numbers, although a lenient verifier might convert them. */
const NOT_TIMES: [string, unknown][] = [
  ['digits in a string', `${NOW + 60}`],
  ['digits and a fraction in a string', `${NOW + 60}.5`],
  ['an exponent in a string', '2e9'],
  ['hexadecimal digits in a string', `0x${(NOW + 60).toString(16)}`],
  ['a date in a string', new Date((NOW + 60) * 1000).toISOString()],
  ['a duration in a string', '1h'],
  ['an empty string', ''],
  ['a space', ' '],
  ['the string Infinity', 'Infinity'],
  ['the string NaN', 'NaN'],
  ['the string never', 'never'],
  ['null', null],
  ['true', true],
  ['false', false],
  ['an empty array', []],
  ['an array with the time', [NOW + 60]],
  ['an empty object', {}],
  ['an object with the time', { valueOf: NOW + 60 }],
  ['-1', -1],
  ['-0.5', -0.5],
  ['the time, negative', -(NOW + 60)],
  ['the most negative number', -Number.MAX_VALUE],
];
const notTimes = (names: readonly string[]) =>
  names.flatMap((name) =>
    NOT_TIMES.map(([title, value]): Attack => [
      `${name} is ${title}`,
      withClaims({ [name]: value }),
      'invalid_claims',
    ]),
  );

/** Valid JSON that parses to Infinity, which passes every comparison with the clock. */
const INFINITE = ['1e400', '1E+400', '-1e400', '2e308', '1e99999', '0.1e401', '9'.repeat(400)];
const infinite = (names: readonly string[]) =>
  names.flatMap((name) =>
    INFINITE.map((digits): Attack => [
      `${name} is ${digits.slice(0, 12)}${digits.length > 12 ? '…' : ''}`,
      ({ sign, claims }) => {
        const rest = JSON.stringify({ ...claims, [name]: undefined });
        return sign({ claims: `{"${name}":${digits},${rest.slice(1)}` });
      },
      'invalid_claims',
    ]),
  );

const absent: Attack[] = [
  ['exp is missing', withClaims({ exp: undefined }), 'invalid_claims'],
  ['iat is missing', withClaims({ iat: undefined }), 'invalid_claims'],
  ['exp and iat are missing', withClaims({ exp: undefined, iat: undefined }), 'invalid_claims'],
  [
    'exp is named EXP',
    ({ sign, claims }) => sign({ claims: { exp: undefined, EXP: claims['exp'] } }),
    'invalid_claims',
  ],
  ['exp is named expires_in', withClaims({ exp: undefined, expires_in: 60 }), 'invalid_claims'],
];

const lifetimes: [string, Claims, Attack[2]][] = [
  ['exp is in milliseconds', { exp: (NOW + 60) * 1000 }, 'lifetime_too_long'],
  ['exp is in microseconds', { exp: (NOW + 60) * 1e6 }, 'lifetime_too_long'],
  ['exp is 2^31', { exp: 2 ** 31 }, 'lifetime_too_long'],
  ['exp is 2^32', { exp: 2 ** 32 }, 'lifetime_too_long'],
  ['exp is 2^53', { exp: 2 ** 53 }, 'lifetime_too_long'],
  ['exp is 2^64', { exp: 2 ** 64 }, 'lifetime_too_long'],
  ['exp is the largest number', { exp: Number.MAX_VALUE }, 'lifetime_too_long'],
  ['exp is in the year 9999', { exp: 253_402_300_799 }, 'lifetime_too_long'],
  ['exp is one second too late', { iat: NOW, exp: NOW + HOUR + 1 }, 'lifetime_too_long'],
  ['exp is a millisecond too late', { iat: NOW, exp: NOW + HOUR + 0.001 }, 'lifetime_too_long'],
  ['iat is 0', { iat: 0 }, 'lifetime_too_long'],
  ['iat is the smallest positive number', { iat: Number.MIN_VALUE }, 'lifetime_too_long'],
  ['iat is ten hours ago', { iat: NOW - 10 * HOUR, exp: NOW + 60 }, 'lifetime_too_long'],
  ['both are huge and far apart', { iat: 1e300, exp: 1.1e300 }, 'lifetime_too_long'],
  ['exp equals iat', { iat: NOW, exp: NOW }, 'invalid_claims'],
  ['exp is before iat', { iat: NOW, exp: NOW - 1 }, 'invalid_claims'],
  ['exp is 0', { exp: 0 }, 'invalid_claims'],
  ['exp is the smallest positive number', { exp: Number.MIN_VALUE }, 'invalid_claims'],
  ['iat is in milliseconds', { iat: NOW * 1000 }, 'invalid_claims'],
  ['iat is the largest number', { iat: Number.MAX_VALUE }, 'invalid_claims'],
  [
    'both are the largest number',
    { iat: Number.MAX_VALUE, exp: Number.MAX_VALUE },
    'invalid_claims',
  ],
  [
    'both are beyond the precision of numbers',
    { iat: 2 ** 53, exp: 2 ** 53 + 1 },
    'invalid_claims',
  ],
];

const boundaries: [string, Claims, Attack[2]][] = [
  ['it expired just outside the tolerance', { iat: NOW - 60, exp: NOW - TOLERANCE }, 'expired'],
  ['it expired an hour ago', { iat: NOW - HOUR - 60, exp: NOW - HOUR }, 'expired'],
  ['it expired in 1970', { iat: 1, exp: 2 }, 'expired'],
  [
    'it expired, and nbf is in the future',
    { iat: NOW - 60, exp: NOW - 30, nbf: NOW + 60 },
    'expired',
  ],
  [
    'iat is one second outside the tolerance',
    { iat: NOW + TOLERANCE + 1, exp: NOW + 60 },
    'not_yet_valid',
  ],
  [
    'iat is a millisecond outside the tolerance',
    { iat: NOW + TOLERANCE + 0.001, exp: NOW + 60 },
    'not_yet_valid',
  ],
  ['iat is an hour in the future', { iat: NOW + HOUR, exp: NOW + HOUR + 60 }, 'not_yet_valid'],
  ['both are in milliseconds', { iat: NOW * 1000, exp: NOW * 1000 + 60 }, 'not_yet_valid'],
  ['both are near 2^53', { iat: 2 ** 53 - 60, exp: 2 ** 53 - 1 }, 'not_yet_valid'],
  ['nbf is one second outside the tolerance', { nbf: NOW + TOLERANCE + 1 }, 'not_yet_valid'],
  ['nbf is a millisecond outside the tolerance', { nbf: NOW + TOLERANCE + 0.001 }, 'not_yet_valid'],
  ['nbf is in milliseconds', { nbf: NOW * 1000 }, 'not_yet_valid'],
  ['nbf has passed, iat has not', { iat: NOW + 60, exp: NOW + 120, nbf: NOW }, 'not_yet_valid'],
  ['nbf is after exp', { iat: NOW, exp: NOW + 60, nbf: NOW + 120 }, 'not_yet_valid'],
  ['nbf is the largest number', { nbf: Number.MAX_VALUE }, 'not_yet_valid'],
];

const judged = [...lifetimes, ...boundaries].map(([title, claims, code]): Attack => [
  title,
  withClaims(claims),
  code,
]);

/** `-0` is treated like 0, which is in 1970. */
const negativeZero: Attack[] = (
  [
    ['exp', 'invalid_claims'],
    ['iat', 'lifetime_too_long'],
  ] as const
).map(([name, code]) => [
  `${name} is -0`,
  ({ sign, claims }) => {
    const rest = JSON.stringify({ ...claims, [name]: undefined });
    return sign({ claims: `{"${name}":-0,${rest.slice(1)}` });
  },
  code,
]);

describeAttacks(
  'a token with invalid times',
  [...notTimes(TIMES), ...infinite(TIMES), ...absent, ...judged, ...negativeZero],
  { now },
);

describeAttacks(
  'a token with an invalid time of authentication',
  [...notTimes(['auth_time']), ...infinite(['auth_time'])],
  { now },
  ACCESS_TOKENS_ONLY,
);

describeAttacks(
  'a token with invalid times, for a verifier without tolerance',
  [
    ['it expires in the current second', withClaims({ iat: NOW - 60, exp: NOW }), 'expired'],
    ['iat is a second in the future', withClaims({ iat: NOW + 1, exp: NOW + 60 }), 'not_yet_valid'],
    ['nbf is a second in the future', withClaims({ nbf: NOW + 1 }), 'not_yet_valid'],
  ],
  { now, clockToleranceSeconds: 0 },
);

describeAttacks(
  'a token with a longer lifetime than the verifier allows',
  [
    ['one second too long', withClaims({ iat: NOW, exp: NOW + 601 }), 'lifetime_too_long'],
    [
      'an hour instead of ten minutes',
      withClaims({ iat: NOW, exp: NOW + HOUR }),
      'lifetime_too_long',
    ],
  ],
  { now, maxLifetimeSeconds: 600 },
);

describe('times at the limits', () => {
  let target: Target;
  let time = NOW;

  beforeAll(async () => {
    target = await makeTarget({ now: () => time * 1000 });
  });
  beforeEach(() => {
    time = NOW;
  });
  afterAll(() => target.close());

  it.each<[string, Claims]>([
    ['it expired just inside the tolerance', { iat: NOW - 60, exp: NOW - TOLERANCE + 1 }],
    [
      'it expired a millisecond inside the tolerance',
      { iat: NOW - 60, exp: NOW - TOLERANCE + 0.001 },
    ],
    ['iat is at the tolerance', { iat: NOW + TOLERANCE, exp: NOW + 60 }],
    ['nbf is at the tolerance', { nbf: NOW + TOLERANCE }],
    ['nbf is 0', { nbf: 0 }],
    ['auth_time is 0', { auth_time: 0 }],
    ['auth_time is missing', { auth_time: undefined }],
    ['it has the longest lifetime', { iat: NOW, exp: NOW + HOUR }],
    ['they have fractions', { iat: NOW - 0.5, exp: NOW + 60.25, nbf: NOW - 0.25 }],
  ])('are accepted: %s', async (_, claims) => {
    expect(await target.judge(await target.sign({ claims }))).toBe('accepted');
  });

  it('are checked at each use, even if the token is cached', async () => {
    const token = await target.sign({ claims: { iat: NOW, exp: NOW + 60 } });
    const verdicts: string[] = [];
    for (const after of [0, 60, 60 + TOLERANCE - 1, 60 + TOLERANCE, 120, -TOLERANCE - 1, 0]) {
      time = NOW + after;
      verdicts.push(await target.judge(token));
    }
    expect(verdicts).toEqual([
      'accepted',
      'accepted',
      'accepted',
      'expired',
      'expired',
      'not_yet_valid',
      'accepted',
    ]);
  });
});
