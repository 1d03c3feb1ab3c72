import { generateKeyPairSync } from 'node:crypto';
import { SECRET, unsigned } from './making-tokens.js';
import { describeRules, type RuleRow } from './rule-rows.js';

const encrypted = `${Buffer.from('{"alg":"dir","enc":"A256GCM"}').toString('base64url')}..AAAA.AAAA.AAAA`;

const jwks = (...keys: object[]) =>
  JSON.stringify({
    keys: keys.map((key) => ({ kty: 'oct', k: Buffer.from(SECRET).toString('base64url'), ...key })),
  });

const publicJwk = (type: 'rsa' | 'ed25519') =>
  JSON.stringify(
    (type === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ed25519')
    ).publicKey.export({ format: 'jwk' }),
  );

const ROWS: readonly RuleRow[] = [
  [
    'key_fits',
    { keyText: `{"keys":[${publicJwk('rsa')},{"kty":"AKP"}]}` },
    /^not_checked: No key that can be used fits: .*HS256.*\. Keys of this type cannot be used here\.$/,
  ],
  ['key', {}, /^passed: The token names no key \(kid\), so the one that was given was tried/],
  ['key', { keyText: '' }, /^not_checked: No key was given/],
  [
    'key',
    { header: { kid: 'b' }, keyText: jwks({ kid: 'a' }, { kid: 'b' }) },
    /^passed: The token names the key “b”, and it was given/,
  ],
  [
    'key',
    { header: { kid: 'c' }, keyText: jwks({ kid: 'a' }) },
    /^failed: The key set has no key with the kid “c”, although the signature fits the .* “a”/,
  ],
  [
    'key',
    { header: { kid: 'c' }, keyText: jwks({}) },
    /^passed: The token names the key “c”, but no key that was given has this name; the one that was given was tried/,
  ],
  [
    'key',
    { header: { kid: 'c' }, keyText: publicJwk('rsa') },
    /^failed: The token names the key “c”, but/,
  ],
  [
    'key',
    { keyText: jwks({ kid: 'a', k: 'AAAA' }, {}) },
    /^passed: The token names no key \(kid\), so each of the 2 keys was tried/,
  ],
  ['key', { keyText: jwks({ k: 'AAAA' }, { k: 'AAAB' }) }, /^not_checked: .*and none fits/],
  ['key', { header: { kid: 1 } }, /^failed: The name of the key \(kid\) is not a text/],
  ['key', { header: { alg: 'none' } }, /^not_checked: An unsigned token/],
  [
    'key',
    { header: { alg: 'ES256K' } },
    /^not_checked: No key was looked for, because the algorithm/,
  ],
  ['key', { header: { alg: 'x' } }, /^not_checked: No key was looked for, because the header/],
  ['key', { token: encrypted }, /^not_checked: Decrypting/],
  ['key_fits', {}, /^passed: HS256 fits the shared secret/],
  [
    'key_fits',
    { keyText: jwks({ k: 'AAAA' }, { k: 'AAAB' }) },
    /^passed: HS256 fits 2 of the keys/,
  ],
  [
    'key_fits',
    { keyText: publicJwk('rsa') },
    /^failed: No key fits: HS256 needs a shared secret, not the RSA key of 2048 bits/,
  ],
  [
    'key_fits',
    { header: { alg: 'ES256' }, keyText: publicJwk('ed25519') },
    /^failed: No key fits: ES256 needs an EC key, not the Ed25519 key/,
  ],
  [
    'key_fits',
    { keyText: jwks({ alg: 'HS512' }) },
    /^failed: No key fits: the key is for HS512 alone, but the token names HS256/,
  ],
  ['key_fits', { keyText: jwks({ use: 'enc' }) }, /^failed: No key fits: its member use/],
  [
    'key_fits',
    { keyText: jwks({ key_ops: ['sign'] }) },
    /^failed: No key fits: its member key_ops/,
  ],
  [
    'key_fits',
    { keyText: '{"kty":"OKP","crv":"Ed448","x":"AA"}' },
    /^not_checked: Web browsers cannot check/,
  ],
  ['key_fits', { keyText: '' }, /^not_checked: There is no key to compare/],
  ['signature', {}, /^passed: The signature fits the shared secret of 73 bytes/],
  [
    'signature',
    { keyText: 'another' },
    /^failed: The signature does not fit the shared secret of 7 bytes: the token was changed/,
  ],
  [
    'signature',
    { keyText: jwks({ k: 'AAAA' }, { k: 'AAAB' }) },
    /^failed: The signature does not fit any of the 2 keys/,
  ],
  [
    'signature',
    { keyText: publicJwk('rsa') },
    /^failed: No key that was given can have made this signature/,
  ],
  ['signature', { token: unsigned({ alg: 'none' }, {}, '') }, /^failed: The token is not signed/],
  [
    'signature',
    { header: { alg: 'none' } },
    /^failed: The token says that it is not signed, but has 32 bytes/,
  ],
  ['signature', { header: { alg: 'x' } }, /^failed: Without a signature algorithm/],
  [
    'signature',
    { header: { alg: 'Ed448' } },
    /^not_checked: Web browsers cannot check signatures of Ed448/,
  ],
  [
    'signature',
    { header: { alg: 'EdDSA' }, keyText: '{"kty":"OKP","crv":"Ed25519","x":"AA"}' },
    /^not_checked: The Ed25519 key is damaged/,
  ],
  ['signature', { keyText: '' }, /^not_checked: Give the key of the issuer/],
  ['signature', { token: encrypted }, /^not_checked: An encrypted token has an authentication tag/],
];

describeRules(['key', 'key_fits', 'signature'], ROWS);
