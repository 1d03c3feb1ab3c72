import { generateKeyPairSync } from 'node:crypto';
import type { WarningCode } from '../src/index.js';
import { GOOD_CLAIMS, GOOD_HEADER, judge, signed, unsigned } from './making-tokens.js';

const codes = async (token: string, keyText = '') =>
  (await judge(token, { keyText })).warnings.map(({ code }) => code);
const withClaims = (claims: object) => signed(GOOD_HEADER, { ...GOOD_CLAIMS, ...claims });

it('does not warn of a good token', async () => {
  expect(await codes(await signed())).toEqual([]);
});

it.each<[code: WarningCode, token: string | Promise<string>]>([
  ['unsigned', unsigned({ alg: 'none' }, GOOD_CLAIMS, '')],
  ['unsigned', unsigned({ alg: 'NONE' }, GOOD_CLAIMS, '')],
  ['embedded_key', signed({ ...GOOD_HEADER, jwk: {} })],
  ['embedded_key', signed({ ...GOOD_HEADER, x5c: [] })],
  ['embedded_key', signed({ ...GOOD_HEADER, jku: 'https://a.test' })],
  ['embedded_key', signed({ ...GOOD_HEADER, x5u: 'https://a.test' })],
  ['no_expiry', withClaims({ exp: undefined })],
  ['no_audience', withClaims({ aud: undefined })],
  ['personal_data', withClaims({ email: 'ada@example.test' })],
  ['personal_data', withClaims({ Phone_Number: 1 })],
  ['personal_data', withClaims({ sub: 'ada@example.test' })],
  ['personal_data', withClaims({ contact: '+44 20 7946 0958' })],
  ['personal_data', withClaims({ address: { locality: 'London' } })],
  ['personal_data', withClaims({ user: { given_name: 'Ada' } })],
  ['too_large_for_cookies', withClaims({ filler: 'x'.repeat(4_000) })],
  ['too_large_for_headers', withClaims({ filler: 'x'.repeat(8_000) })],
  ['well_known_secret', signed(GOOD_HEADER, GOOD_CLAIMS, 'your-256-bit-secret')],
  ['well_known_secret', signed({ ...GOOD_HEADER, alg: 'HS512' }, GOOD_CLAIMS, 'secret')],
])('warns %s', async (code, token) => {
  const { warnings } = await judge(await token, { keyText: '' });
  expect(warnings.map((warning) => warning.code)).toEqual([code]);
  expect(warnings[0]?.message).toMatch(/^[A-Z].*\.$/);
});

it.each([
  { email: null },
  { email_verified: true },
  { name: '' },
  { note: 'a@b' },
  { version: '+1' },
])('does not take %j for personal data', async (claims) =>
  expect(await codes(await withClaims(claims))).toEqual([]),
);

it('names the personal data, but not all of a hundred', async () => {
  const claims = Object.fromEntries(
    Array.from({ length: 100 }, (_, index) => [`m${index}`, 'a@b.test']),
  );
  const { warnings } = await judge(await withClaims({ ...claims, given_name: 'Ada' }), {
    keyText: '',
  });
  expect(warnings[0]?.message).toContain('(m0, m1, m2, m3, m4, m5, m6, m7)');
});

it('does not demand an end of events and proofs', async () => {
  const timeless = { ...GOOD_CLAIMS, exp: undefined };
  expect(await codes(await signed({ ...GOOD_HEADER, typ: 'secevent+jwt' }, timeless))).toEqual([]);
  expect(
    await codes(await signed({ ...GOOD_HEADER, typ: 'dpop+jwt', jwk: {} }, { htm: 'GET' })),
  ).toEqual([]);
});

it.each(['', '\n'])('recognizes a public key as shared secret, with %j at its end', async (end) => {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = publicKey.export({ format: 'pem', type: 'spki' }).toString();
  const token = await signed(GOOD_HEADER, GOOD_CLAIMS, pem.trim() + end);
  const { verdict, warnings } = await judge(token, { keyText: pem });
  expect([verdict, warnings.map(({ code }) => code)]).toEqual(['invalid', ['algorithm_confusion']]);
});
