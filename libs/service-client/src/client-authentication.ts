import { secretString, option, optional, nonEmptyString, oneOf } from '@latchkey/contracts/options';
import { createPrivateKey, KeyObject, webcrypto, type JsonWebKey } from 'node:crypto';
import * as oauth from 'oauth4webapi';

/** How a client proves to the issuer who it is. */
export type ClientAuthenticationOptions =
  /** `client_secret_basic` (RFC 6749 §2.3.1). */
  | { readonly clientSecret: string }
  /** `private_key_jwt` (RFC 7523 §2.2): a signed assertion for each request, so that no secret is sent. */
  | {
      /** The key in PEM (PKCS #8, PKCS #1 or SEC 1), as a JWK, or as Node.js' own object. */
      readonly privateKey: string | JsonWebKey | KeyObject;
      /** `kid` of the assertion. Needed if the issuer knows several keys of the client. */
      readonly keyId?: string;
      /** Default: the first that fits the key: RS256, ES256, ES384, ES512 or Ed25519. */
      readonly algorithm?: AssertionAlgorithm;
    };

/** Signature algorithms of a client assertion (RFC 7518 §3.1, RFC 9864 §2.2). */
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
  | 'Ed25519';

/** A client's proof, and the secrets that no error may contain. */
export interface ClientAuthentication {
  readonly method: oauth.ClientAuth;
  readonly secrets: readonly string[];
}

/**
 * Reads how the client authenticates.
 *
 * @throws TypeError that names the option, without its value
 */
export async function readClientAuthentication(
  clientId: string,
  options: ClientAuthenticationOptions,
): Promise<ClientAuthentication> {
  if ('clientSecret' in options) {
    const { clientSecret } = options;
    const pair = `${formEncoded(clientId)}:${formEncoded(clientSecret)}`;
    const secrets = [clientSecret, Buffer.from(pair).toString('base64')];
    return { method: oauth.ClientSecretBasic(clientSecret), secrets };
  }
  const { privateKey, keyId, algorithm } = options;
  const key = keyObjectOf(privateKey);
  const cryptoKey = await importKey(key, algorithm ?? algorithmOf(key));
  const signing = { key: cryptoKey, ...(keyId !== undefined && { kid: keyId }) };
  return { method: oauth.PrivateKeyJwt(signing), secrets: [] };
}

/**
 * Checks how the client authenticates, before anything is sent.
 *
 * @throws TypeError that names the option, without its value
 */
export function checkClientAuthentication(options: ClientAuthenticationOptions): void {
  if (typeof options !== 'object' || options === null)
    throw new TypeError('authentication must have either clientSecret or privateKey');
  if ('clientSecret' in options === 'privateKey' in options)
    throw new TypeError('authentication must have either clientSecret or privateKey');
  if ('clientSecret' in options) {
    option('authentication.clientSecret', options.clientSecret, secretString);
    return;
  }
  optional('authentication.keyId', options.keyId, nonEmptyString);
  const key = keyObjectOf(options.privateKey);
  const algorithm = optional('authentication.algorithm', options.algorithm, ALGORITHM_RULE);
  const fitting = fittingAlgorithms(key);
  if (algorithm !== undefined && !fitting.includes(algorithm))
    throw new TypeError(
      `authentication.algorithm does not fit the key; use ${fitting.join(', ') || 'another key'}`,
    );
  algorithmOf(key);
}

const RSA = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] as const;
const CURVES: Readonly<Record<string, AssertionAlgorithm>> = {
  prime256v1: 'ES256',
  secp384r1: 'ES384',
  secp521r1: 'ES512',
};
const ALGORITHM_RULE = oneOf<AssertionAlgorithm>(...RSA, ...Object.values(CURVES), 'Ed25519');
const MIN_RSA_BITS = 2_048;

function fittingAlgorithms(key: KeyObject): readonly AssertionAlgorithm[] {
  const { namedCurve = '', modulusLength = 0 } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === 'rsa') return modulusLength >= MIN_RSA_BITS ? RSA : [];
  if (key.asymmetricKeyType === 'ed25519') return ['Ed25519'];
  const algorithm = key.asymmetricKeyType === 'ec' ? CURVES[namedCurve] : undefined;
  return algorithm ? [algorithm] : [];
}

function algorithmOf(key: KeyObject): AssertionAlgorithm {
  const [algorithm] = fittingAlgorithms(key);
  if (algorithm) return algorithm;
  throw new TypeError(
    'authentication.privateKey must be an RSA key of at least 2048 bits, a P-256, P-384 or P-521 key, or Ed25519',
  );
}

/** Errors of `createPrivateKey` do not quote the key, but are of no help either. */
function keyObjectOf(privateKey: unknown): KeyObject {
  try {
    const key =
      privateKey instanceof KeyObject
        ? privateKey
        : typeof privateKey === 'string'
          ? createPrivateKey(privateKey)
          : createPrivateKey({ key: privateKey as JsonWebKey, format: 'jwk' });
    if (key.type === 'private') return key;
  } catch {
    // The error that follows says what is expected.
  }
  throw new TypeError(
    'authentication.privateKey must be an unencrypted private key: PEM, JWK or KeyObject',
  );
}

function importKey(key: KeyObject, algorithm: AssertionAlgorithm): Promise<webcrypto.CryptoKey> {
  const pkcs8 = key.export({ type: 'pkcs8', format: 'der' });
  return webcrypto.subtle.importKey('pkcs8', pkcs8, parametersOf(algorithm), false, ['sign']);
}

function parametersOf(
  algorithm: AssertionAlgorithm,
): webcrypto.RsaHashedImportParams | webcrypto.EcKeyImportParams | { name: string } {
  const hash = `SHA-${algorithm.slice(2)}`;
  switch (algorithm.slice(0, 2)) {
    case 'RS':
      return { name: 'RSASSA-PKCS1-v1_5', hash };
    case 'PS':
      return { name: 'RSA-PSS', hash };
    case 'ES':
      return {
        name: 'ECDSA',
        namedCurve: algorithm === 'ES512' ? 'P-521' : `P-${algorithm.slice(2)}`,
      };
    default:
      return { name: 'Ed25519' };
  }
}

const formEncoded = (text: string) => new URLSearchParams([['', text]]).toString().slice(1);
