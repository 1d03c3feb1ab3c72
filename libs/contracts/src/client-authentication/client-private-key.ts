import { createPrivateKey, KeyObject, type webcrypto } from 'node:crypto';

/** Signature algorithms of a client assertion (RFC 7518 §3.1, RFC 8037 §3.1, RFC 9864 §2.2). */
export type AssertionAlgorithm =
  | 'RS256'
  | 'RS384'
  | 'RS512'
  | 'PS256'
  | 'PS384'
  | 'PS512'
  | 'ES256'
  | 'ES384'
  | 'ES512'
  | 'Ed25519'
  | 'EdDSA';

/** A private key in PEM (PKCS #8, PKCS #1 or SEC 1), as a JWK or its JSON text, or as Node.js' own object. */
export type PrivateKeyInput = string | webcrypto.JsonWebKey | KeyObject;

/** A private key that a client signs its assertions with. */
export interface ClientPrivateKey {
  readonly key: KeyObject;
  /** The `kid` of a JWK. */
  readonly keyId: string | undefined;
  /** The algorithms that fit the key: only `alg` of a JWK, if it has one. */
  readonly algorithms: readonly [AssertionAlgorithm, ...AssertionAlgorithm[]];
}

const RSA = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] as const;
const CURVES: Readonly<Record<string, AssertionAlgorithm>> = {
  prime256v1: 'ES256',
  secp384r1: 'ES384',
  secp521r1: 'ES512',
};
const MIN_RSA_BITS = 2_048;

/**
 * Reads a private key and checks its strength.
 *
 * @throws TypeError with what is wrong, to follow the name of the option or variable; it quotes nothing
 */
export function readClientPrivateKey(input: unknown): ClientPrivateKey {
  const jwk = jwkOf(input);
  const key = keyObjectOf(jwk ?? input);
  const fitting = fittingAlgorithms(key);
  const { alg, kid } = jwk ?? {};
  const algorithms = alg === undefined ? fitting : fitting.filter((name) => name === alg);
  const [first, ...others] = algorithms;
  if (!first) throw new TypeError('is a JWK with an alg that does not suit it');
  const keyId = typeof kid === 'string' && kid !== '' ? kid : undefined;
  return { key, keyId, algorithms: [first, ...others] };
}

type Jwk = webcrypto.JsonWebKey & { readonly alg?: unknown; readonly kid?: unknown };

/** The JWK, if the input is one or its text. */
function jwkOf(input: unknown): Jwk | undefined {
  if (input instanceof KeyObject) return undefined;
  if (typeof input !== 'string') return isObject(input) ? input : undefined;
  if (!input.trimStart().startsWith('{')) return undefined;
  try {
    return JSON.parse(input) as Jwk;
  } catch {
    // The message of the parser quotes the text.
    throw new TypeError('must be a JWK, but is not valid JSON');
  }
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

function keyObjectOf(input: unknown): KeyObject {
  if (isPublic(input))
    throw new TypeError('is a public key; set the private key that belongs to it');
  if (typeof input === 'string' && /-----BEGIN ENCRYPTED |^Proc-Type: 4,ENCRYPTED/m.test(input))
    throw new TypeError('is encrypted; decrypt it, for example with openssl pkcs8');
  const key = parsed(input);
  if (key?.type !== 'private')
    throw new TypeError('must be an unencrypted private key, in PEM (PKCS #8) or as a JWK');
  return key;
}

function isPublic(input: unknown): boolean {
  if (input instanceof KeyObject) return input.type === 'public';
  if (typeof input === 'string')
    return (
      /-----BEGIN (RSA )?(PUBLIC KEY|CERTIFICATE)/.test(input) && !input.includes('PRIVATE KEY')
    );
  return isObject(input) && ('n' in input || 'x' in input) && !('d' in input);
}

function parsed(input: unknown): KeyObject | undefined {
  if (input instanceof KeyObject) return input;
  try {
    if (typeof input === 'string') return createPrivateKey(input);
    return createPrivateKey({ key: { ...(input as webcrypto.JsonWebKey) }, format: 'jwk' });
  } catch {
    // Errors of OpenSSL do not quote the key, but are of no help either.
    return undefined;
  }
}

function fittingAlgorithms(key: KeyObject): readonly AssertionAlgorithm[] {
  const { namedCurve = '', modulusLength = 0 } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === 'rsa') {
    if (modulusLength >= MIN_RSA_BITS) return RSA;
    throw new TypeError(`is an RSA key of ${modulusLength} bits; use at least ${MIN_RSA_BITS}`);
  }
  if (key.asymmetricKeyType === 'ed25519') return ['Ed25519', 'EdDSA'];
  const algorithm = key.asymmetricKeyType === 'ec' ? CURVES[namedCurve] : undefined;
  if (algorithm) return [algorithm];
  throw new TypeError('must be an RSA key, a P-256, P-384 or P-521 key, or an Ed25519 key');
}
