import { CLIENT_ASSERTION_TYPE } from '../auth-api/clients.js';
import { basicCredentials } from './basic-credentials.js';
import {
  anObject,
  nonEmptyString,
  oneOf,
  option,
  optional,
  secretString,
} from '../options/index.js';
import { signClientAssertion } from './client-assertion.js';
import {
  readClientPrivateKey,
  type AssertionAlgorithm,
  type ClientPrivateKey,
  type PrivateKeyInput,
} from './client-private-key.js';

/** How a client proves to its issuer who it is. */
export type ClientAuthenticationOptions =
  /** `client_secret_basic` (RFC 6749 §2.3.1). */
  | { readonly clientSecret: string; readonly privateKey?: never }
  /** `private_key_jwt` (RFC 7523 §2.2): a signed assertion for each request, so that no secret is sent. */
  | {
      readonly clientSecret?: never;
      /** The key in PEM (PKCS #8, PKCS #1 or SEC 1), as a JWK or its JSON text, or as Node.js' own object. */
      readonly privateKey: PrivateKeyInput;
      /** The `kid` of the assertion. Needed if the issuer knows several keys of the client. Default: that of a JWK. */
      readonly keyId?: string;
      /** Default: `alg` of a JWK, or else the first that fits the key: RS256, ES256, ES384, ES512 or Ed25519. */
      readonly algorithm?: AssertionAlgorithm;
    };

/** What authenticates one request: a header, or parameters of its form (RFC 7521 §4.2). */
export interface ClientProof {
  readonly headers: Readonly<Record<string, string>>;
  readonly form: Readonly<Record<string, string>>;
}

/** Authenticates a client to its issuer. */
export interface ClientAuthentication {
  /** Returns the proof for one request. An assertion works once, so every request needs its own. */
  readonly prove: () => Promise<ClientProof>;
  /** Secrets that no error may contain, and that a server could repeat. */
  readonly secrets: readonly string[];
}

/** The client and its issuer, which are checked elsewhere. */
export interface AuthenticatedClient {
  readonly clientId: string;
  /** The `aud` of the assertions. */
  readonly issuer: string;
}

const ALGORITHMS = oneOf<AssertionAlgorithm>(
  ...(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] as const),
  ...(['ES256', 'ES384', 'ES512', 'Ed25519', 'EdDSA'] as const),
);

/**
 * Reads how a client authenticates, before anything is sent.
 *
 * @param name of the option, for errors
 * @throws TypeError that names the option, without its value
 */
export function readClientAuthentication(
  name: string,
  value: ClientAuthenticationOptions | undefined,
  { clientId, issuer }: AuthenticatedClient,
): ClientAuthentication {
  const options: Partial<ClientAuthenticationOptions> = option(name, value, EITHER);
  const { clientSecret, privateKey } = options;
  if (clientSecret !== undefined && privateKey !== undefined)
    throw new TypeError(`${name} has both clientSecret and privateKey; remove one of them`);
  if (privateKey === undefined) {
    const secret = option(`${name}.clientSecret`, clientSecret, secretString);
    return bySecret(clientId, secret);
  }
  const signing = readSigning(name, options);
  const prove = async () => ({
    headers: {},
    form: {
      client_id: clientId,
      client_assertion_type: CLIENT_ASSERTION_TYPE,
      client_assertion: await signClientAssertion(clientId, issuer, signing),
    },
  });
  return { prove, secrets: [] };
}

/** An object that is meant to have one of the two members. */
const EITHER = {
  allowed: 'an object with either clientSecret or privateKey',
  accepts: (value: unknown): value is ClientAuthenticationOptions =>
    anObject.accepts(value) && ('clientSecret' in value || 'privateKey' in value),
  isSecret: true,
};

function bySecret(clientId: string, secret: string): ClientAuthentication {
  const authorization = basicCredentials(clientId, secret);
  const proof = { headers: { authorization }, form: {} };
  const [, pair = ''] = authorization.split(' ');
  return { prove: () => Promise.resolve(proof), secrets: [secret, pair] };
}

function readSigning(name: string, options: Partial<ClientAuthenticationOptions>) {
  const { privateKey, keyId, algorithm } = options as {
    readonly [Name in 'privateKey' | 'keyId' | 'algorithm']?: unknown;
  };
  const read = readNamedKey(`${name}.privateKey`, privateKey);
  const wanted = optional(`${name}.algorithm`, algorithm, ALGORITHMS) ?? read.algorithms[0];
  if (!read.algorithms.includes(wanted))
    throw new TypeError(
      `${name}.algorithm does not fit the key; use ${read.algorithms.join(', ')}`,
    );
  return {
    key: read.key,
    keyId: optional(`${name}.keyId`, keyId, nonEmptyString) ?? read.keyId,
    algorithm: wanted,
  };
}

function readNamedKey(name: string, value: unknown): ClientPrivateKey {
  try {
    return readClientPrivateKey(value);
  } catch (error) {
    throw error instanceof TypeError ? new TypeError(`${name} ${error.message}`) : error;
  }
}
