import fc from 'fast-check';
import {
  decodeToken,
  findTokens,
  judgeToken,
  MAX_TEXT_CHARACTERS,
  readKeys,
  type DecodedToken,
} from '../src/index.js';
import { base64url, NOW, unsigned } from './making-tokens.js';

const HEADER = base64url({ alg: 'HS256' });
const segment = fc.oneof(
  fc.json().map(base64url),
  fc.json().map((json) => base64url(json.slice(0, -1))),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('base64url')),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom(
    '',
    HEADER,
    base64url('{"alg":"none"}'),
    base64url('{"enc":1}'),
    base64url('{"__proto__":{"alg":"HS256"}}'),
  ),
  fc
    .record(
      {
        alg: fc.anything(),
        kid: fc.anything(),
        crit: fc.anything(),
        typ: fc.anything(),
        exp: fc.anything(),
        aud: fc.anything(),
        events: fc.anything(),
        cnf: fc.anything(),
        act: fc.anything(),
      },
      { requiredKeys: [] },
    )
    .map((value) => base64url(fc.stringify(value).startsWith('{') ? safeJson(value) : '{}')),
);
const part = fc.constantFrom('', HEADER, 'e30', '$.02', 'AAAA', 1, null);
const members = fc.constantFrom({ alg: 'HS256' }, { crit: ['b64'], b64: false }, {}, null, 1);
const texts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.array(segment, { maxLength: 7 }).map((segments) => segments.join('.')),
  fc.array(segment, { maxLength: 5 }).map((segments) => `Bearer ${segments.join('.')}\n`),
  fc
    .record(
      {
        protected: part,
        header: members,
        payload: part,
        signature: part,
        signatures: fc.array(fc.record({ protected: part, header: members }), { maxLength: 3 }),
        ciphertext: part,
        recipients: fc.array(members, { maxLength: 3 }),
        unprotected: members,
      },
      { requiredKeys: [] },
    )
    .map((value) => safeJson(value)),
);

function safeJson(value: unknown): string {
  try {
    return (
      JSON.stringify(value, (_, inner: unknown) =>
        typeof inner === 'bigint' ? String(inner) : inner,
      ) ?? '{}'
    );
  } catch {
    return '{}';
  }
}

/** Each place is within the token, and each sentence is one. */
function expectSound({ text, faults, segments, nested }: DecodedToken): void {
  for (const { offset, length, message } of faults) {
    expect(offset).toBeGreaterThanOrEqual(0);
    expect(offset + length).toBeLessThanOrEqual(text.length);
    expect(message).toMatch(/\.$/);
  }
  for (const { raw, start, end } of segments) expect(text.slice(start, end)).toBe(raw);
  if (nested) expectSound(nested);
}

it('judges any text without throwing, and never as valid without a key', async () => {
  await fc.assert(
    fc.asyncProperty(texts, async (text) => {
      const { tokens } = findTokens(text);
      for (const candidate of [text, ...tokens.map(({ token }) => token)]) {
        const token = decodeToken(candidate);
        if (!token.form.endsWith('_json')) expectSound(token);
        const { verdict, summary } = await judgeToken(token, { now: NOW });
        expect(verdict).not.toBe('valid');
        expect(summary).not.toBe('');
      }
    }),
    { numRuns: 300 },
  );
});

it('reads keys of any text without throwing, and judges with them', async () => {
  const keyTexts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.json(),
    fc.json().map((json) => `{"keys":[{"kty":"RSA","n":${json},"e":${json}}]}`),
    fc
      .constantFrom('RSA', 'EC', 'OKP', 'oct')
      .chain((kty) =>
        fc
          .dictionary(
            fc.constantFrom('n', 'e', 'x', 'y', 'crv', 'k', 'kid', 'alg', 'use', 'key_ops'),
            fc.oneof(
              fc.string(),
              fc.constantFrom('P-256', 'Ed25519', 'AQAB', 'HS256'),
              fc.jsonValue(),
            ),
          )
          .map((more) => JSON.stringify({ kty, ...more })),
      ),
    fc.string().map((text) => `-----BEGIN PUBLIC KEY-----${text}-----END PUBLIC KEY-----`),
  );
  const tokens = ['HS256', 'RS256', 'ES256', 'EdDSA'].map((alg) =>
    decodeToken(unsigned({ alg }, {})),
  );
  await fc.assert(
    fc.asyncProperty(keyTexts, fc.constantFrom(...tokens), async (text, token) => {
      const { keys } = await readKeys(text);
      expect((await judgeToken(token, { keys, now: NOW })).verdict).not.toBe('valid');
    }),
    { numRuns: 200 },
  );
});

const MEGABYTE = 1_000_000;
const many = (text: string, length = MEGABYTE) => text.repeat(Math.ceil(length / text.length));

/** Texts that would take minutes if time grew with the square of their length. */
it.each<[title: string, text: string]>([
  [
    '10,000 members',
    unsigned(
      { alg: 'HS256' },
      Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`m${i}`, i])),
    ),
  ],
  ['100,000 duplicates', `${HEADER}.${base64url(`{${many('"a":1,', 600_000)}"a":1}`)}.AAAA`],
  ['100,000 levels of arrays', `${HEADER}.${base64url('['.repeat(100_000))}.AAAA`],
  ['100,000 levels of objects', `${HEADER}.${base64url('{"a":'.repeat(100_000))}.AAAA`],
  ['8 KiB of emoji', unsigned({ alg: 'HS256' }, { a: many('🦊', 8_192) })],
  ['emoji alone', many('🦊')],
  ['dots', many('.')],
  ['short segments', many('eyJhbGci.')],
  ['lines of headers', many(`${HEADER}\n`)],
  ['lines of a token', `${HEADER}.${many(`\n${'a'.repeat(64)}`)}`],
  ['a token many times', many(`${HEADER}.e30.AAAA\n`)],
  ['blanks in a text', `a${many(' ')}b`],
  ['blanks in JSON', `${HEADER}.${base64url(`${many(' ', 700_000)}x`)}.AAAA`],
  ['labels', many('access_token=')],
  ['words that begin as a token', many('exception ')],
  ['claims without a header', many(`a.${HEADER}.`)],
  ['claims behind long words', many(`${'a'.repeat(1_990)} ${HEADER} `, 4_000_000)],
  ['characters that cannot be seen', `${HEADER}.${many('\u200b')}.AAAA`],
  ['a URL', `https://a.test/${many('eyJh/')}`],
  ['escapes', many('%2B')],
  [
    'bytes that are not UTF-8',
    `${HEADER}.${Buffer.concat([Buffer.from('{"a":"'), Buffer.alloc(700_000, 0xff)]).toString('base64url')}.AAAA`,
  ],
  ['broken JSON', `${HEADER}.${base64url(`{${many('}:,', 600_000)}`)}.AAAA`],
  ['a JSON serialization', `{"payload":"${many('a')}","signatures":[]}`],
  [
    'a JSON serialization with 5,000 signatures',
    `{"payload":"e30","signatures":[${many('{"protected":"e30","signature":"AA"},', 200_000)}{}]}`,
  ],
  ['more than is read', 'a'.repeat(MAX_TEXT_CHARACTERS + 1)],
])('bears a megabyte: %s', async (_, text) => {
  const { tokens } = findTokens(text);
  for (const candidate of new Set([text, tokens[0]?.token ?? ''])) {
    const { verdict, checks } = await judgeToken(decodeToken(candidate), { now: NOW });
    expect(['invalid', 'not_a_token', 'unverified']).toContain(verdict);
    for (const { what } of checks) expect(what.length).toBeLessThan(400);
  }
});

it('bears a megabyte of damaged keys', async () => {
  const { keys } = await readKeys(many('-----BEGIN PUBLIC KEY-----\nAAAA\n'));
  expect(keys).toEqual([]);
});

it('takes members named like those of Object for what they are', async () => {
  const token = decodeToken(
    unsigned(
      '{"__proto__":{"alg":"HS256"}}',
      '{"constructor":{"prototype":{}},"__proto__":{"exp":1}}',
    ),
  );
  expect(Object.keys(token.claims ?? {})).toEqual(['constructor', '__proto__']);
  const { checks } = await judgeToken(token, { now: NOW });
  expect(checks.find(({ rule }) => rule === 'algorithm')?.what).toBe(
    'The header names no algorithm (alg).',
  );
  expect(checks.find(({ rule }) => rule === 'expiry')?.state).toBe('not_checked');
});
