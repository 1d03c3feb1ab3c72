import { describeAttacks, type Attack } from './attacks-fixture.js';

/** How a token says that it is bound to a key (RFC 7800), and what cannot be a confirmation at all. */
const CONFIRMATIONS: [string, unknown][] = [
  ['DPoP', { jkt: '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I' }],
  ['mTLS', { 'x5t#S256': 'bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2' }],
  ['a key', { jwk: { kty: 'RSA', n: 'AQAB', e: 'AQAB' } }],
  ['an encrypted key', { jwe: 'a.b.c.d.e' }],
  ['the id of a key', { kid: 'k' }],
  ['the URL of a key', { jku: 'https://issuer.test/keys', kid: 'k' }],
  ['what nobody knows', { new: 1 }],
  ['nothing', {}],
  ['null', null],
  ['an array', []],
  ['a string', 'jkt'],
  ['an empty string', ''],
  ['false', false],
  ['zero', 0],
];

const attacks = CONFIRMATIONS.map(([title, cnf]): Attack => [
  `bound to ${title}`,
  ({ sign }) => sign({ claims: { cnf } }),
  'sender_constrained',
]);

// Whoever stole such a token has no proof for it, and sends it as a plain bearer token.
describeAttacks('a token that is bound to a key, without a proof', attacks);
