import { GOOD_CLAIMS, GOOD_HEADER, SECRET, signed, unsigned } from './making-tokens.js';
import { describeRules, type RuleRow } from './rule-rows.js';

const encrypted = `${Buffer.from('{"alg":"dir","enc":"A256GCM"}').toString('base64url')}..AAAA.AAAA.AAAA`;

const nested = async (header = {}, secret = SECRET) =>
  signed(
    { ...GOOD_HEADER, cty: 'JWT' },
    await signed({ ...GOOD_HEADER, ...header }, GOOD_CLAIMS, secret),
  );

const ROWS: readonly RuleRow[] = [
  ['structure', { token: 'tGzv3JOkF0XG5Qx2TlKWIA' }, /^failed: /],
  ['json', { token: 'tGzv3JOkF0XG5Qx2TlKWIA' }, /^not_checked: There is no token/],
  ['claims', { token: '' }, /^not_checked: There is no token/],
  ['structure', {}, /^passed: The token has all its segments/],
  [
    'structure',
    { token: unsigned({ alg: 'HS256' }, {}).replace(/\.\w+$/, '') },
    /^failed: The token ends here, without its signature/,
  ],
  [
    'structure',
    { token: '{"payload":"e30","signature":"AA","protected":"e30"}' },
    /^failed: This is a JWS in JSON serialization/,
  ],
  ['encoding', {}, /^passed: Every segment/],
  ['encoding', { token: `${unsigned({ alg: 'HS256' }, {})}=` }, /^failed: Tokens have no padding/],
  ['json', {}, /^passed: Header and payload are well-formed/],
  [
    'json',
    { token: unsigned('{"alg":"HS256",}', '{"a" 1}') },
    /^failed: A member name.*\(\d faults of this kind\)$/,
  ],
  ['duplicates', {}, /^passed: Each member occurs once/],
  [
    'duplicates',
    { token: unsigned('{"alg":"none","alg":"HS256"}', {}) },
    /^failed: The member “alg” occurs twice/,
  ],
  ['claims', {}, /^passed: The payload is a JSON object/],
  [
    'claims',
    { token: signed(GOOD_HEADER, 'some text') },
    /^failed: The payload is not a JSON object/,
  ],
  ['claims', { claims: { sub: 1 } }, /^failed: The claim sub is not a text/],
  ['claims', { claims: { exp: '1' } }, /^failed: The claim exp is not a number/],
  ['claims', { claims: { aud: [1] } }, /^failed: The claim aud is neither/],
  ['claims', { claims: { scope: [] } }, /^failed: The claim scope is not a text/],
  ['claims', { claims: { cnf: 'jkt' } }, /^failed: The claim cnf is not an object/],
  ['claims', { claims: { act: { sub: 'a', act: 1 } } }, /^failed: The claim act is not an object/],
  ['claims', { claims: { act: { sub: 'a', act: { client_id: 'b' } } } }, /^passed/],
  ['claims', { token: nested() }, /^passed: The payload is another token, which is valid/],
  [
    'claims',
    {
      token: nested({ typ: 'JWT' }),
      expectations: { type: 'at+jwt' },
      revocation: { revoked: true, at: '2026-11-30T11:59:00Z', reason: 'logout' },
    },
    /^passed: The payload is another token, which is valid/,
  ],
  [
    'claims',
    { token: nested({}, 'another secret') },
    /^failed: The payload is another token\. Invalid: the signature does not fit/,
  ],
  [
    'claims',
    { token: nested({ alg: 'ES256K' }) },
    /^not_checked: The payload is another token\. Not verified/,
  ],
  ['claims', { token: encrypted }, /^not_checked: The claims are encrypted/],
  ['algorithm', {}, /^passed: HS256 is a signature algorithm/],
  ['algorithm', { header: { alg: undefined } }, /^failed: The header names no algorithm/],
  [
    'algorithm',
    { header: { alg: { toString: 'HS256' } } },
    /^failed: The algorithm \(alg\) is not a string/,
  ],
  ['algorithm', { header: { alg: 'nOnE' } }, /^failed: The algorithm is “none”/],
  [
    'algorithm',
    { header: { alg: 'hs256' } },
    /^failed: “hs256” is not a signature algorithm; it is written HS256/,
  ],
  [
    'algorithm',
    { header: { alg: 'RSA-OAEP' } },
    /^failed: “RSA-OAEP” is not a signature algorithm\.$/,
  ],
  [
    'algorithm',
    { header: { alg: 'ES256K' } },
    /^not_checked: ES256K is a signature algorithm, but/,
  ],
  [
    'algorithm',
    { token: encrypted },
    /^not_checked: The content is encrypted; its key is protected with “dir”/,
  ],
  ['critical', {}, /^passed: The token has no critical extension/],
  [
    'critical',
    { header: { crit: ['exp2'], exp2: 1 } },
    /^failed: The critical extension “exp2” is not understood/,
  ],
  ['critical', { header: { crit: ['exp2'] } }, /^failed: The header lists “exp2” as critical, but/],
  ['critical', { header: { crit: [] } }, /^failed: The member crit is not a list/],
  ['critical', { header: { crit: ['b64'], b64: true } }, /^passed: The critical extension b64/],
  ['critical', { header: { b64: 1 } }, /^failed: The member b64 is neither/],
  ['critical', { header: { b64: false } }, /^failed: The header has b64: false, but/],
  [
    'critical',
    {
      token: `${Buffer.from('{"alg":"HS256","b64":false,"crit":["b64"]}').toString('base64url')}.{}.AAAA`,
    },
    /^failed: A JWT must not have/,
  ],
];

describeRules(
  ['structure', 'encoding', 'json', 'duplicates', 'claims', 'algorithm', 'critical'],
  ROWS,
);
