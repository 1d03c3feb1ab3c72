import { SignJWT, type CryptoKey } from 'jose';
import { decodeToken, judgeToken, readKeys, type Check, type JudgeOptions } from '../src/index.js';
import type { CheckState, RuleId } from '../src/index.js';

/** The time of all tests: 12:00 UTC on 30 November 2026. */
export const NOW = new Date('2026-11-30T12:00:00Z');
export const NOW_SECONDS = NOW.getTime() / 1000;

export const base64url = (content: unknown): string =>
  Buffer.from(typeof content === 'string' ? content : JSON.stringify(content)).toString(
    'base64url',
  );

/** A token of any header and payload, whose signature fits nothing. */
export const unsigned = (header: unknown, payload: unknown, signature = 'AAAA'): string =>
  [base64url(header), base64url(payload), signature].join('.');

export const SECRET = 'a secret of this test that is long enough for every algorithm, even HS512';

export const GOOD_HEADER = { alg: 'HS256', typ: 'at+jwt' };
export const GOOD_CLAIMS = {
  iss: 'https://issuer.test',
  sub: '5ba1c9a4',
  aud: 'orders',
  client_id: 'shop',
  jti: 'b6ac2f37',
  iat: NOW_SECONDS - 60,
  exp: NOW_SECONDS + 240,
};

/** Signs any header and payload with {@link SECRET}, whatever they contain. */
export async function signed(
  header: unknown = GOOD_HEADER,
  payload: unknown = GOOD_CLAIMS,
  secret = SECRET,
): Promise<string> {
  const input = `${base64url(header)}.${base64url(payload)}`;
  const hash = `SHA-${JSON.stringify(header).match(/HS(\d{3})/)?.[1] ?? '256'}`;
  const algorithm = { name: 'HMAC', hash };
  const key = await crypto.subtle.importKey('raw', Buffer.from(secret), algorithm, false, ['sign']);
  const signature = await crypto.subtle.sign('HMAC', key, Buffer.from(input));
  return `${input}.${Buffer.from(signature).toString('base64url')}`;
}

export const signedWith = (
  alg: string,
  key: CryptoKey | Uint8Array,
  header = {},
): Promise<string> =>
  new SignJWT({ ...GOOD_CLAIMS }).setProtectedHeader({ typ: 'at+jwt', ...header, alg }).sign(key);

/** Judges a token with a text of keys, by default {@link SECRET}. */
export async function judge(
  token: string,
  { keyText = SECRET, ...options }: Partial<JudgeOptions> & { readonly keyText?: string } = {},
) {
  const { keys } = keyText === '' ? { keys: [] } : await readKeys(keyText);
  return judgeToken(decodeToken(token), { keys, now: NOW, ...options });
}

/** The line of a rule, as `state: what`. */
export function lineOf(checks: readonly Check[], rule: RuleId): string {
  const check = checks.find((candidate) => candidate.rule === rule);
  return `${check?.state satisfies CheckState | undefined}: ${check?.what}`;
}
