import { randomUUID, webcrypto } from 'node:crypto';
import { ACCESS_TOKEN_TYPE, TRANSACTION_TOKEN_TYPE } from '@latchkey/contracts';
import { base64url, calculateJwkThumbprint, exportJWK, type JWK } from 'jose';

const ALGORITHM = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' } as const;
const DEFAULT_LIFETIME_SECONDS = 300;
const TRANSACTION_LIFETIME_SECONDS = 60;

/** `aud` of {@link TestIssuer.makeTransactionToken}. */
export const TEST_TRUST_DOMAIN = 'shop.test';

/** A signing key like those of the auth service. */
export interface TestKey {
  readonly kid: string;
  readonly privateKey: webcrypto.CryptoKey;
  /** The entry in the key set, without private members. */
  readonly publicJwk: JWK;
}

/** How a token differs from a valid access token. A member that is `undefined` is omitted. */
export interface TokenOverrides {
  /** Claims in addition to or in place of the defaults. */
  claims?: Readonly<Record<string, unknown>>;
  /** Header members in addition to or in place of `alg`, `typ` and `kid`. */
  header?: Readonly<Record<string, unknown>>;
  /** `exp`, NumericDate in seconds. */
  expiresAt?: number;
  /** `iat`, NumericDate in seconds. Determines `exp` unless that is given. */
  issuedAt?: number;
  /** `kid` of the header. Does not change which key signs. */
  kid?: string;
  scope?: string;
  audience?: string | readonly string[];
  subject?: string;
  sessionId?: string;
  /** The key that signs. Default: the issuer's newest. */
  key?: TestKey;
}

/** An issuer with real RSA keys. */
export interface TestIssuer {
  /** The exact `iss` of its tokens. */
  readonly issuer: string;
  /** The newest key is last, and signs. */
  readonly keys: readonly TestKey[];
  /** The public key set (RFC 7517 §5). */
  jwks(): { keys: JWK[] };
  /** Rotates the key: a new key is published and signs from now on. */
  addKey(): Promise<TestKey>;
  /** Removes a key from the key set. */
  removeKey(kid: string): void;
  /** Issues an access token that is valid except for the overrides. */
  makeToken(overrides?: TokenOverrides): Promise<string>;
  /** Issues a transaction token that is valid except for the overrides. */
  makeTransactionToken(overrides?: TokenOverrides): Promise<string>;
  /** Signs any claims with any header, such as an event, or a token that no issuer would sign. */
  sign(header: Readonly<Record<string, unknown>>, claims: unknown): Promise<string>;
}

export interface TestIssuerOptions {
  /** Default `https://issuer.test`. */
  issuer?: string;
  /** The default `aud` of its tokens. Default `orders`. */
  audience?: string | readonly string[];
  /** RSA modulus length in bits. Default 2048. */
  modulusLength?: number;
  /** The clock, in milliseconds since 1970. Default `Date.now`. */
  now?: () => number;
}

/** Creates an issuer with one key. */
export async function makeIssuer(options: TestIssuerOptions = {}): Promise<TestIssuer> {
  const { issuer = 'https://issuer.test', modulusLength = 2048 } = options;
  const keys = [await makeKey(modulusLength)];
  const newest = () => {
    const key = keys.at(-1);
    if (!key) throw new Error('the issuer has no key left');
    return key;
  };
  const headerOf = (key: TestKey) => ({ alg: 'RS256', typ: ACCESS_TOKEN_TYPE, kid: key.kid });
  const make = (type: string, overrides: TokenOverrides, claims: object) => {
    const { key = newest(), kid, header } = overrides;
    const members = { ...headerOf(key), typ: type, ...(kid !== undefined && { kid }), ...header };
    return signJson(members, claims, key);
  };
  return {
    issuer,
    keys,
    jwks: () => ({ keys: keys.map((key) => key.publicJwk) }),
    addKey: async () => {
      keys.push(await makeKey(modulusLength));
      return newest();
    },
    removeKey: (kid) => {
      keys.splice(0, keys.length, ...keys.filter((key) => key.kid !== kid));
    },
    makeToken: (overrides = {}) =>
      make(ACCESS_TOKEN_TYPE, overrides, claimsOf(issuer, options, overrides)),
    makeTransactionToken: (overrides = {}) =>
      make(TRANSACTION_TOKEN_TYPE, overrides, transactionClaimsOf(issuer, options, overrides)),
    sign: (header, claims) => signJson({ ...headerOf(newest()), ...header }, claims, newest()),
  };
}

/** Generates an RSA key with its RFC 7638 thumbprint as `kid`. */
export async function makeKey(modulusLength = 2048): Promise<TestKey> {
  const parameters = { ...ALGORITHM, modulusLength, publicExponent: new Uint8Array([1, 0, 1]) };
  const pair = await webcrypto.subtle.generateKey(parameters, true, ['sign', 'verify']);
  const { kty, n, e } = await exportJWK(pair.publicKey);
  const publicJwk = { kty, n, e } as JWK;
  const kid = await calculateJwkThumbprint(publicJwk);
  const published = { ...publicJwk, kid, alg: 'RS256', use: 'sig' };
  return { kid, privateKey: pair.privateKey, publicJwk: published };
}

/**
 * Signs exactly these bytes as a compact JWS. The header and payload may be texts that no JSON
 * serializer produces, such as duplicate members, `1e400` or a byte order mark.
 */
export async function signRaw(
  header: string | Uint8Array,
  payload: string | Uint8Array,
  key: TestKey,
): Promise<string> {
  const input = `${base64url.encode(header)}.${base64url.encode(payload)}`;
  const bytes = new TextEncoder().encode(input);
  const signature = await webcrypto.subtle.sign(ALGORITHM, key.privateKey, bytes);
  return `${input}.${base64url.encode(new Uint8Array(signature))}`;
}

const signJson = (header: object, claims: unknown, key: TestKey) =>
  signRaw(JSON.stringify(header), JSON.stringify(claims), key);

let sharedIssuer: Promise<TestIssuer> | undefined;

/** The issuer of {@link makeToken}, created once per test file. */
export function defaultIssuer(): Promise<TestIssuer> {
  return (sharedIssuer ??= makeIssuer());
}

/** Issues an access token of {@link defaultIssuer} that is valid except for the overrides. */
export async function makeToken(overrides?: TokenOverrides): Promise<string> {
  return (await defaultIssuer()).makeToken(overrides);
}

function claimsOf(
  issuer: string,
  { audience = 'orders', now = () => Date.now() }: TestIssuerOptions,
  overrides: TokenOverrides,
): Record<string, unknown> {
  const { issuedAt = Math.floor(now() / 1000) } = overrides;
  return {
    iss: issuer,
    sub: overrides.subject ?? randomUUID(),
    aud: overrides.audience ?? audience,
    exp: overrides.expiresAt ?? issuedAt + DEFAULT_LIFETIME_SECONDS,
    iat: issuedAt,
    jti: randomUUID(),
    client_id: 'latchkey-web',
    scope: overrides.scope ?? 'orders:read orders:write',
    sid: overrides.sessionId ?? randomUUID(),
    auth_time: issuedAt,
    ...overrides.claims,
  };
}

function transactionClaimsOf(
  issuer: string,
  { now = () => Date.now() }: TestIssuerOptions,
  overrides: TokenOverrides,
): Record<string, unknown> {
  const { issuedAt = Math.floor(now() / 1000) } = overrides;
  return {
    iss: issuer,
    aud: overrides.audience ?? TEST_TRUST_DOMAIN,
    iat: issuedAt,
    exp: overrides.expiresAt ?? issuedAt + TRANSACTION_LIFETIME_SECONDS,
    txn: randomUUID(),
    jti: randomUUID(),
    sub: overrides.subject ?? randomUUID(),
    sid: overrides.sessionId ?? randomUUID(),
    scope: overrides.scope ?? 'orders:write',
    req_wl: 'gateway',
    rctx: { req_ip: '192.0.2.7' },
    tctx: { action: 'order' },
    ...overrides.claims,
  };
}
