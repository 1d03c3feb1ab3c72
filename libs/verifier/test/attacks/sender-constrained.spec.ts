import { describeAttacks, type Attack } from './attacks-fixture.js';

/** Confirmation claims (RFC 7800), valid and invalid. */
const CONFIRMATIONS: [string, unknown][] = [
  ['DPoP', { jkt: '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I' }],
  ['mTLS', { 'x5t#S256': 'bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2' }],
  ['a key', { jwk: { kty: 'RSA', n: 'AQAB', e: 'AQAB' } }],
  ['an encrypted key', { jwe: 'a.b.c.d.e' }],
  ['a key ID', { kid: 'k' }],
  ['the URL of a key', { jku: 'https://issuer.test/keys', kid: 'k' }],
  ['an unknown method', { new: 1 }],
  ['an empty object', {}],
  ['null', null],
  ['an array', []],
  ['a string', 'jkt'],
  ['an empty string', ''],
  ['false', false],
  ['0', 0],
];

const attacks = CONFIRMATIONS.map(([title, cnf]): Attack => [
  `cnf with ${title}`,
  ({ sign }) => sign({ claims: { cnf } }),
  'sender_constrained',
]);

// A thief who cannot prove possession of the key would send the token as a plain bearer token.
describeAttacks('a sender-constrained token without a proof', attacks);
