import {
  ACCESS_TOKENS_ONLY,
  describeAttacks,
  makeTarget,
  type Attack,
  type Target,
} from './attacks-fixture.js';

/** Tokens are revoked by these claims, so each must be a string that the deny-list can store. */
const NOT_STRINGS: unknown[] = [
  '',
  null,
  0,
  1,
  -1,
  1.5,
  true,
  false,
  [],
  ['x'],
  [['x']],
  {},
  { toString: 'x' },
  { length: 1, 0: 'x' },
  // Lone surrogates: JSON can escape them, but UTF-8 cannot encode them.
  '\ud800',
  'ada\udc00',
];

const notStrings = (...names: readonly string[]) =>
  names.flatMap((name) =>
    NOT_STRINGS.map((value): Attack => [
      `${name} is ${JSON.stringify(value)}`,
      ({ sign }) => sign({ claims: { [name]: value } }),
      'invalid_claims',
    ]),
  );

const missing = (name: string): Attack[] => [
  [`${name} is missing`, ({ sign }) => sign({ claims: { [name]: undefined } }), 'invalid_claims'],
  [
    `${name} is in capitals`,
    ({ sign, claims }) =>
      sign({ claims: { [name]: undefined, [name.toUpperCase()]: claims[name] } }),
    'invalid_claims',
  ],
];

const scopes = [1, 0, true, false, null, [], ['orders:read'], {}, { admin: true }].map(
  (scope): Attack => [
    `scope is ${JSON.stringify(scope)}`,
    ({ sign }) => sign({ claims: { scope } }),
    'invalid_claims',
  ],
);

const chain = (length: number) => {
  let act: object = { sub: 'last' };
  for (let index = 1; index < length; index++) act = { sub: 'a', act };
  return act;
};

const actors = [
  1,
  0,
  true,
  false,
  null,
  '',
  'orders',
  [],
  ['orders'],
  [{ sub: 'orders' }],
  {},
  { sub: '' },
  { sub: null },
  { sub: 1 },
  { sub: ['a'] },
  { sub: { sub: 'a' } },
  { client_id: 'a' },
  { sub: 'a', client_id: '' },
  { sub: 'a', client_id: 1 },
  { sub: 'a', client_id: null },
  { sub: 'a', act: null },
  { sub: 'a', act: 'b' },
  { sub: 'a', act: [] },
  { sub: 'a', act: {} },
  { sub: 'a', act: { sub: 'b', act: { sub: 1 } } },
]
  .map((act): [string, unknown] => [JSON.stringify(act), act])
  .concat([9, 10, 14].map((length) => [`a chain of ${length}`, chain(length)]))
  .map(([title, act]): Attack => [
    `act is ${title}`,
    ({ sign }) => sign({ claims: { act } }),
    'invalid_claims',
  ]);

describeAttacks('a token with invalid identifiers or scopes', [
  ...notStrings('sub', 'jti', 'sid'),
  ...missing('sub'),
  ...missing('jti'),
  ...scopes,
]);

describeAttacks(
  'a token with an invalid client or invalid actors',
  [...notStrings('client_id'), ...missing('client_id'), ...actors],
  {},
  ACCESS_TOKENS_ONLY,
);

describe('a token without optional claims', () => {
  let target: Target;

  beforeAll(async () => {
    target = await makeTarget();
  });
  afterAll(() => target.close());

  it.each<[string, Record<string, unknown>]>([
    ['no session', { sid: undefined }],
    ['no scope', { scope: undefined }],
    ['an empty scope', { scope: '' }],
    ['a chain of eight actors', { act: chain(8) }],
    ['unknown claims', { x: [null, { y: 1 }] }],
  ])('is accepted: %s', async (_, claims) => {
    expect(await target.judge(await target.sign({ claims }))).toBe('accepted');
  });
});
