import { CLIENT_ASSERTION_ALGORITHMS } from '@latchkey/contracts/auth-api';
import {
  readClientPrivateKey,
  type AssertionAlgorithm,
  type ClientAuthenticationOptions,
} from '@latchkey/contracts/client-authentication';
import { environment } from '@latchkey/service-kit';
import type { KeyObject } from 'node:crypto';
import { z } from 'zod';

/** A key that the auth service accepts assertions of. As an object of Node.js, it cannot be printed. */
export interface ClientKey {
  readonly privateKey: KeyObject;
  readonly algorithm: AssertionAlgorithm;
  readonly keyId: string | undefined;
}

const ACCEPTED: readonly string[] = Object.values(CLIENT_ASSERTION_ALGORITHMS).flat();

function readPrivateKey(text: string): ClientKey {
  const { key: privateKey, keyId, algorithms } = readClientPrivateKey(text);
  const algorithm = algorithms.find((name) => ACCEPTED.includes(name));
  if (!algorithm)
    throw new TypeError(`must be a key for ${ACCEPTED.join(', ')}, which the auth service accepts`);
  return { privateKey, algorithm, keyId };
}

/** Unlike other texts, PEM has line breaks. */
const privateKey = z.string().transform((text, context) => {
  try {
    return readPrivateKey(text);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    context.addIssue(error.message);
    return z.NEVER;
  }
});

/**
 * How the service authenticates at the auth service: to get tokens for its calls, to introspect, and to
 * download the snapshot.
 */
export const clientEnvironment = {
  CLIENT_ID: environment.name.optional(),
  CLIENT_SECRET: z.string().min(1).optional(),
  /** A private key in place of the secret, in PEM (PKCS #8) or as a JWK. */
  CLIENT_PRIVATE_KEY: privateKey.optional(),
  /** The `kid` of the assertions. Default: that of the JWK, if there is one. */
  CLIENT_KEY_ID: environment.name.optional(),
};

type ClientVariable = keyof typeof clientEnvironment;

const requires = (name: ClientVariable, required: ClientVariable) =>
  environment.rule(
    clientEnvironment,
    [name, required],
    required,
    `${name} requires it`,
    (env) => env[name] === undefined || env[required] !== undefined,
  );

/** Checks that involve several variables of `clientEnvironment`. */
export const clientRules = [
  ...environment.oneOf(clientEnvironment, 'CLIENT_SECRET', 'CLIENT_PRIVATE_KEY'),
  requires('CLIENT_SECRET', 'CLIENT_ID'),
  requires('CLIENT_PRIVATE_KEY', 'CLIENT_ID'),
  requires('CLIENT_KEY_ID', 'CLIENT_PRIVATE_KEY'),
  environment.rule(
    clientEnvironment,
    ['CLIENT_ID', 'CLIENT_SECRET', 'CLIENT_PRIVATE_KEY'],
    'CLIENT_SECRET',
    'CLIENT_ID requires it, or CLIENT_PRIVATE_KEY in its place',
    (env) => env.CLIENT_ID === undefined || isComplete(env),
  ),
] as const;

const isComplete = (env: { CLIENT_SECRET?: unknown; CLIENT_PRIVATE_KEY?: unknown }) =>
  env.CLIENT_SECRET !== undefined || env.CLIENT_PRIVATE_KEY !== undefined;

/** Names what a service needs in order to authenticate, for the messages of rules. */
export const WITH_CREDENTIALS = 'is required, with CLIENT_SECRET or CLIENT_PRIVATE_KEY,';

/** The variables of `clientEnvironment`, as they were read. */
export interface ClientConfig {
  readonly CLIENT_ID?: string | undefined;
  readonly CLIENT_SECRET?: string | undefined;
  readonly CLIENT_PRIVATE_KEY?: ClientKey | undefined;
  readonly CLIENT_KEY_ID?: string | undefined;
}

/** The service as a client of the auth service; undefined without credentials. */
export function clientOf(
  config: ClientConfig,
): { readonly clientId: string; readonly authentication: ClientAuthenticationOptions } | undefined {
  const { CLIENT_ID: clientId, CLIENT_SECRET: clientSecret, CLIENT_PRIVATE_KEY: key } = config;
  if (clientId === undefined) return undefined;
  if (clientSecret !== undefined) return { clientId, authentication: { clientSecret } };
  if (!key) return undefined;
  const { privateKey, algorithm } = key;
  const keyId = config.CLIENT_KEY_ID ?? key.keyId;
  const authentication = { privateKey, algorithm, ...(keyId !== undefined && { keyId }) };
  return { clientId, authentication };
}
