import { describeAttacks, type Attack } from './attacks-fixture.js';

/** All 16 capitalizations of `none`. Verifiers compared with only one (CVE-2015-9235, CVE-2020-28042). */
const CASES = Array.from({ length: 16 }, (_, bits) =>
  [...'none'].map((letter, at) => ((bits >> at) & 1 ? letter.toUpperCase() : letter)).join(''),
);
const ODD_SPELLINGS = [
  'none ',
  ' none',
  'none\n',
  'none\u0000',
  '\u0000none',
  '\uff4e\uff4f\uff4e\uff45',
  'n\u043ene',
  'n\u200bone',
  'none,RS256',
  'RS256,none',
  'null',
  'undefined',
  'nil',
];

const SIGNATURES: [string, string][] = [
  ['zeros', 'A'.repeat(342)],
  ['one byte', 'AA'],
];

const strings: Attack[] = [...CASES, ...ODD_SPELLINGS].flatMap((alg): Attack[] => [
  [
    `${JSON.stringify(alg)} and no signature`,
    ({ forge }) => forge({ header: { alg }, signature: '' }),
    'malformed',
  ],
  ...SIGNATURES.map(([title, signature]): Attack => [
    `${JSON.stringify(alg)} and ${title} as its signature`,
    ({ forge }) => forge({ header: { alg }, signature }),
    'wrong_algorithm',
  ]),
  [
    `${JSON.stringify(alg)} and the signature of the valid token`,
    ({ forge }) => forge({ header: { alg } }),
    'wrong_algorithm',
  ],
  [
    `${JSON.stringify(alg)} and a valid signature`,
    ({ sign }) => sign({ header: { alg } }),
    'wrong_algorithm',
  ],
]);

const others: Attack[] = [
  '',
  null,
  undefined,
  false,
  true,
  0,
  256,
  [],
  ['none'],
  ['RS256'],
  ['RS256', 'none'],
  {},
  { toString: 'RS256' },
].map((alg): Attack => [
  `${JSON.stringify(alg) ?? 'no alg'} and a valid signature`,
  ({ sign }) => sign({ header: { alg } }),
  'malformed',
]);

const raw: Attack[] = [
  [
    'none written with \\u escapes',
    ({ sign, header: { alg: _, ...rest } }) =>
      sign({ header: `{"alg":"\\u006e\\u006Fne",${JSON.stringify(rest).slice(1)}` }),
    'wrong_algorithm',
  ],
  [
    'RS256 as ALG, none as alg',
    ({ sign }) => sign({ header: { alg: 'none', ALG: 'RS256' } }),
    'wrong_algorithm',
  ],
  [
    'RS256 as Alg, without alg',
    ({ sign }) => sign({ header: { alg: undefined, Alg: 'RS256' } }),
    'malformed',
  ],
  [
    'two segments without a trailing dot',
    ({ good }) => good.slice(0, good.lastIndexOf('.')),
    'malformed',
  ],
];

describeAttacks('a token with alg none', [...strings, ...others, ...raw]);
