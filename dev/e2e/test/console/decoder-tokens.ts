import {
  CompactSign,
  exportJWK,
  exportSPKI,
  generateKeyPair,
  type CryptoKey,
  type JWK,
} from 'jose';

/** Keys of one algorithm, in the forms in which they are pasted. */
export interface TestKey {
  readonly alg: string;
  readonly jwk: JWK;
  readonly pem: string;
  sign(payload: unknown, header?: Readonly<Record<string, unknown>>): Promise<string>;
}

export async function makeKey(alg: string): Promise<TestKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const kid = `key-${alg}`;
  return {
    alg,
    jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' },
    pem: await exportSPKI(publicKey),
    sign: (payload, header = {}) => signed(privateKey, payload, { alg, kid, ...header }),
  };
}

/** Signs JSON, or a text as it is. */
export function signed(
  key: CryptoKey | Uint8Array,
  payload: unknown,
  header: Readonly<Record<string, unknown>> & { readonly alg: string },
): Promise<string> {
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
  const protectedHeader = { typ: 'JWT', ...header };
  return new CompactSign(new TextEncoder().encode(text))
    .setProtectedHeader(protectedHeader)
    .sign(key);
}

export const base64url = (text: string): string => Buffer.from(text).toString('base64url');

const now = () => Math.floor(Date.now() / 1000);

/** Claims that no rule objects to, with changes. `undefined` removes a claim. */
export const claims = (changes: Readonly<Record<string, unknown>> = {}) => ({
  iss: 'https://issuer.test',
  sub: 'ada-lovelace',
  aud: 'orders',
  iat: now() - 10,
  exp: now() + 590,
  ...changes,
});
