import {
  createPublicKey,
  generateKeyPairSync,
  randomUUID,
  sign,
  type KeyObject,
} from 'node:crypto';

export const ISSUER = 'https://auth.example.com';
export const AUDIENCE = 'orders';
const LIFETIME_SECONDS = 3_600;

/** An RSA-2048 key with tokens of the shape and size that the auth service issues. */
export interface BenchIssuer {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly publicPem: string;
  /** With `kid`, as published. */
  readonly jwk: Record<string, unknown> & { kid: string };
  makeToken(): string;
}

export function makeBenchIssuer(): BenchIssuer {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const kid = 'J2mXqW0qZ0kPpO7vJ3fE5nB8cA1dR4tY6uI9oLxKsHg';
  const header = encode({ alg: 'RS256', typ: 'at+jwt', kid });
  return {
    privateKey,
    publicKey,
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    jwk: { ...publicKey.export({ format: 'jwk' }), kid, alg: 'RS256', use: 'sig' },
    makeToken: () => {
      const input = `${header}.${encode(claims())}`;
      return `${input}.${sign('sha256', Buffer.from(input), privateKey).toString('base64url')}`;
    },
  };
}

/** An issuer that another process made: it verifies, and cannot sign. */
export function importPublicKey(jwk: Record<string, unknown>): KeyObject {
  return createPublicKey({ key: jwk, format: 'jwk' });
}

/** Signing takes 0.25 to 0.4 ms each, so it says how far it is. */
export function makeTokens(
  issuer: BenchIssuer,
  count: number,
  progress: (text: string) => void,
): string[] {
  const tokens: string[] = [];
  for (let index = 0; index < count; index++) {
    if (index % 1_000 === 0) progress(`signing token ${index} of ${count}`);
    tokens.push(issuer.makeToken());
  }
  return tokens;
}

function claims(): Record<string, unknown> {
  const now = Math.floor(Date.now() / 1000);
  return {
    iss: ISSUER,
    sub: randomUUID(),
    aud: [AUDIENCE],
    exp: now + LIFETIME_SECONDS,
    iat: now,
    jti: randomUUID(),
    client_id: 'web',
    scope: 'orders:read',
    sid: randomUUID(),
  };
}

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
