import { NOW_SECONDS } from './making-tokens.js';
import { describeRules, expecting, type RuleRow } from './rule-rows.js';

const encrypted = `${Buffer.from('{"alg":"dir","enc":"A256GCM"}').toString('base64url')}..AAAA.AAAA.AAAA`;

const at = (seconds: number) => NOW_SECONDS + seconds;

const ROWS: readonly RuleRow[] = [
  ['type', {}, /^not_checked: The token is of the type “at\+jwt”; no type was expected/],
  ['type', expecting({ type: 'application/AT+jwt' }), /^passed: .* as expected/],
  [
    'type',
    expecting({ type: 'JWT' }),
    /^failed: The token is of the type “at\+jwt”, but “JWT” was expected/,
  ],
  [
    'type',
    { header: { typ: undefined }, ...expecting({ type: 'JWT' }) },
    /^failed: The token names no type, but/,
  ],
  ['type', { header: { typ: 1 } }, /^failed: The type \(typ\) is not a string/],
  ['expiry', {}, /^passed: The token expires in 4 minutes, at 2026-11-30T12:04:00Z/],
  [
    'expiry',
    { claims: { exp: at(0) }, ...expecting({ clockToleranceSeconds: 0 }) },
    /^failed: The token expired 0 seconds ago/,
  ],
  ['expiry', { claims: { exp: at(-4) } }, /^passed: .* 4 seconds ago, within the tolerance/],
  ['expiry', { claims: { exp: at(-5) } }, /^failed: The token expired 5 seconds ago/],
  [
    'expiry',
    { claims: { exp: at(-90_061) } },
    /^failed: The token expired 1 day 1 hour ago, at 2026-11-29T10:58:59Z/,
  ],
  [
    'expiry',
    { claims: { exp: at(-5) }, ...expecting({ clockToleranceSeconds: 6 }) },
    /^passed: The token expired 5 seconds ago, within the tolerance/,
  ],
  ['expiry', { claims: { exp: at(240) * 1000 } }, /^passed: .*looks like milliseconds/],
  ['expiry', { claims: { exp: 8.64e15 } }, /^passed: .*at 8640000000000000 s/],
  [
    'expiry',
    { claims: { exp: undefined } },
    /^not_checked: The token has no exp, so it never expires/,
  ],
  ['expiry', { claims: { exp: null } }, /^failed: The claim exp is not a number/],
  ['expiry', { token: encrypted }, /^not_checked: The claims cannot be read/],
  ['not_before', {}, /^not_checked: The token has no nbf/],
  ['not_before', { claims: { nbf: at(0) } }, /^passed: The token has been valid for 0 seconds/],
  [
    'not_before',
    { claims: { nbf: at(60) } },
    /^failed: The token is valid only in 1 minute, from 2026/,
  ],
  ['not_before', { claims: { nbf: at(5) } }, /^passed: The token is valid in a moment/],
  ['not_before', { claims: { nbf: at(6) } }, /^failed: The token is valid only in 6 seconds/],
  [
    'not_before',
    { claims: { nbf: at(60) }, ...expecting({ clockToleranceSeconds: 60 }) },
    /^passed: The token is valid in a moment/,
  ],
  ['issued_at', {}, /^passed: The token was issued 1 minute ago/],
  [
    'issued_at',
    { claims: { iat: at(30) } },
    /^failed: The token was issued 30 seconds in the future/,
  ],
  ['issued_at', { claims: { iat: at(5) } }, /^passed: The token was issued a moment ahead/],
  ['issued_at', { claims: { iat: at(6) } }, /^failed: The token was issued 6 seconds in the/],
  [
    'issued_at',
    { claims: { iat: at(1) }, ...expecting({ clockToleranceSeconds: 0 }) },
    /^failed: The token was issued 1 second in the future/,
  ],
  ['issued_at', { claims: { iat: undefined } }, /^not_checked: The token does not say when/],
  ['lifetime', {}, /^not_checked: The token lives for 5 minutes; no limit/],
  [
    'lifetime',
    expecting({ maxLifetimeSeconds: 300 }),
    /^passed: The token lives for 5 minutes, which/,
  ],
  [
    'lifetime',
    expecting({ maxLifetimeSeconds: 299 }),
    /^failed: The token lives for 5 minutes, but at most 4 minutes 59 seconds/,
  ],
  [
    'lifetime',
    { claims: { exp: undefined }, ...expecting({ maxLifetimeSeconds: 1 }) },
    /^failed: The token has no end, but/,
  ],
  ['lifetime', { claims: { exp: undefined } }, /^not_checked: The token has no end/],
  ['lifetime', { claims: { iat: undefined } }, /^not_checked: The lifetime is unknown/],
  ['lifetime', { claims: { iat: at(240) } }, /^failed: The token ends before it begins/],
  ['issuer', {}, /^not_checked: The issuer is “https:\/\/issuer\.test”; no issuer was expected/],
  ['issuer', expecting({ issuer: ['https://a.test', 'https://issuer.test'] }), /^passed/],
  [
    'issuer',
    expecting({ issuer: 'https://a.test' }),
    /^failed: The issuer is .* but “https:\/\/a\.test” was expected\.$/,
  ],
  [
    'issuer',
    expecting({ issuer: 'https://Issuer.test/' }),
    /^failed: .*differ only in case or in the slash/,
  ],
  [
    'issuer',
    { claims: { iss: undefined }, ...expecting({ issuer: 'a' }) },
    /^failed: The token does not name its issuer/,
  ],
  ['audience', {}, /^not_checked: The token is for “orders”; no audience/],
  [
    'audience',
    { claims: { aud: ['a', 'orders'] }, ...expecting({ audience: 'orders' }) },
    /^passed/,
  ],
  [
    'audience',
    expecting({ audience: ['a', 'b'] }),
    /^failed: The token is for “orders”, but “a” or “b” was expected/,
  ],
  ['audience', { claims: { aud: ['1', '2', '3', '4', '5', '6', '7'] } }, /“5” and 2 others/],
  [
    'audience',
    { claims: { aud: undefined }, ...expecting({ audience: 'a' }) },
    /^failed: The token does not say whom it is for/,
  ],
  ['required_claims', {}, /^passed: An access token has all the claims/],
  [
    'required_claims',
    { claims: { jti: undefined, sub: undefined } },
    /^failed: An access token needs sub, jti\./,
  ],
  [
    'required_claims',
    { header: { typ: 'JWT' } },
    /^not_checked: This type of token demands no claims/,
  ],
  [
    'required_claims',
    { header: { typ: 'logout+jwt' }, claims: { sub: undefined, events: {} } },
    /^failed: A logout token needs sub or sid/,
  ],
  [
    'required_claims',
    { header: { typ: 'logout+jwt' }, claims: { events: {}, nonce: 'a' } },
    /^failed: A logout token must not have nonce/,
  ],
  [
    'required_claims',
    { header: { typ: undefined }, claims: { events: {}, jti: undefined } },
    /^not_checked: The token only looks like this type: A security event token needs jti/,
  ],
  ['embedded_keys', {}, /^passed: The token neither contains a key/],
  [
    'embedded_keys',
    { header: { jwk: {}, x5u: 'x' } },
    /^not_checked: The header has jwk, x5u, which was ignored/,
  ],
  [
    'embedded_keys',
    { header: { typ: 'dpop+jwt', jwk: {} } },
    /^not_checked: A DPoP proof contains its key on purpose/,
  ],
  ['sender_constraint', {}, /^not_checked: The token is bound to no key/],
  ['sender_constraint', { claims: { cnf: { jkt: 'a' } } }, /^not_checked: .*DPoP key/],
  [
    'sender_constraint',
    { claims: { cnf: { 'x5t#S256': 'a' } } },
    /^not_checked: .*client certificate/,
  ],
  [
    'sender_constraint',
    { claims: { cnf: { jwk: {} } } },
    /^not_checked: The token is bound to a key \(jwk\)/,
  ],
  ['sender_constraint', { token: encrypted }, /^not_checked: The claims cannot be read/],
  ['revocation', {}, /^not_checked: This cannot be known/],
  [
    'revocation',
    {
      revocation: {
        revoked: false,
        asOf: '2026-11-30T11:59:59.600Z',
        verifiers: { known: 3, applied: 2 },
      },
    },
    /^passed: It was not revoked, as of 0\.4 s ago; 2 of 3 verifiers/,
  ],
  [
    'revocation',
    { revocation: { revoked: true, at: '2026-11-30T11:59:00Z', reason: 'logout', by: 'user' } },
    /^failed: It was revoked at 2026-11-30T11:59:00Z \(logout, by its user\)/,
  ],
  [
    'revocation',
    { revocation: { revoked: null, reason: 'not_recorded' } },
    /^not_checked: The issuer was asked, but cannot tell \(not recorded\)/,
  ],
];

describeRules(
  [
    'type',
    'expiry',
    'not_before',
    'issued_at',
    'lifetime',
    'issuer',
    'audience',
    'required_claims',
    'embedded_keys',
    'sender_constraint',
    'revocation',
  ],
  ROWS,
);
