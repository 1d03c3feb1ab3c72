import { makeToken, type MadeToken } from './make-token.js';

/** Browsers give a page cryptography only over TLS, and on this machine (W3C Secure Contexts). */
export const canMakeTokens = (): boolean => globalThis.isSecureContext;

/** Tokens that show what the page can do. */
export type Example = 'valid' | 'expired' | 'tampered' | 'unsigned' | 'broken' | 'nested';
export const EXAMPLES: readonly Example[] = [
  'valid',
  'expired',
  'tampered',
  'unsigned',
  'broken',
  'nested',
];

const LIFETIME_SECONDS = 300;
const ISSUER = 'https://auth.example';

/** Claims of an access token that begins now (RFC 9068 §2.2). */
export function exampleClaims(startSeconds = Math.floor(Date.now() / 1000)) {
  return {
    iss: ISSUER,
    sub: 'ada',
    aud: ['orders', 'payments'],
    client_id: 'shop',
    scope: 'orders:read orders:write',
    iat: startSeconds,
    exp: startSeconds + LIFETIME_SECONDS,
    jti: crypto.randomUUID(),
    sid: crypto.randomUUID(),
  };
}

/** Makes an example, with the key to check it with. */
export async function makeExample(example: Example): Promise<MadeToken> {
  const now = Math.floor(Date.now() / 1000);
  const start = example === 'expired' ? now - 3 * LIFETIME_SECONDS : now;
  const made = await makeToken('ES256', 'at+jwt', JSON.stringify(exampleClaims(start)));
  return { ...made, token: await CHANGES[example](made.token) };
}

const base64url = (text: string) =>
  btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
const partsOf = (token: string) => token.split('.') as [string, string, string];

const CHANGES: Readonly<Record<Example, (token: string) => string | Promise<string>>> = {
  valid: (token) => token,
  expired: (token) => token,
  tampered: (token) => {
    const [header, payload, signature] = partsOf(token);
    const claims = atob(payload.replaceAll('-', '+').replaceAll('_', '/'));
    return [header, base64url(claims.replace('"ada"', '"eve"')), signature].join('.');
  },
  unsigned: (token) => {
    const [, payload] = partsOf(token);
    return `${base64url('{"alg":"none","typ":"JWT"}')}.${payload}.`;
  },
  broken: (token) => {
    const [header, payload, signature] = partsOf(token);
    const claims = atob(payload.replaceAll('-', '+').replaceAll('_', '/'));
    return [header, base64url(claims.replace('"sub":', '"sub"')), signature].join('.');
  },
  nested: async (token) => {
    const outer = await makeToken(
      'EdDSA',
      'JWT',
      JSON.stringify({ iss: ISSUER, subject_token: token }),
    );
    return outer.token;
  },
};
