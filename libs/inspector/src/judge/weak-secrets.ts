import type { DecodedToken } from '../decoded-token.js';
import type { InspectorKey } from '../keys/key.js';
import { secretKey } from '../keys/read-secret.js';
import { ALGORITHMS } from './algorithms.js';
import { checkSignature, type Signed } from './check-signature.js';
import { signedOf } from './signature-outcome.js';

/** Secrets of tutorials, of documentation, and of the examples of libraries. */
const WELL_KNOWN = [
  ...[
    'your-256-bit-secret',
    'your-384-bit-secret',
    'your-512-bit-secret',
    'secret',
    'secretkey',
    'secret-key',
    'secret_key',
  ],
  ...[
    'a-string-secret-at-least-256-bits-long',
    'a-valid-string-secret-that-is-at-least-384-bits-long-which-is-very-secure-and-difficult-to-guess',
  ],
  ...['a-valid-string-secret-that-is-at-least-512-bits-long-which-is-very-long'],
  ...[
    'password',
    'changeme',
    'change-me',
    'changeit',
    'jwt',
    'jwtsecret',
    'jwt-secret',
    'jwt_secret',
    'JWT_SECRET',
    'jwt_secret_key',
  ],
  ...[
    'mysecret',
    'my-secret',
    'my_secret',
    'mysecretkey',
    'my-secret-key',
    'my_secret_key',
    'my-32-character-ultra-secure-and-ultra-long-secret',
  ],
  ...[
    'supersecret',
    'super-secret',
    'super_secret',
    'topsecret',
    'shhhhh',
    'shhhhhared-secret',
    'shared_secret',
    'shared-secret',
  ],
  ...[
    'key',
    'test',
    'testing',
    'example',
    'example_key',
    'hello',
    'admin',
    'default',
    'dev',
    'development',
    'private',
    'token',
    'auth',
  ],
  ...[
    '123456',
    '1234567890',
    'qwerty',
    'keyboard cat',
    'AllYourBase',
    'some-secret',
    'somesecret',
    'thisisasecret',
    'this-is-a-secret',
  ],
  ...[
    'this is a secret',
    'very-secret',
    'verysecret',
    'YOUR_SECRET',
    'YOUR_SECRET_KEY',
    'your_jwt_secret',
    'your-secret-key',
    'your_secret_key',
    'insecure',
  ],
  ...[
    'super-secret-jwt-token-with-at-least-32-characters-long',
    'hard!to-guess_secret',
    'hmacSampleSecret',
    'django-insecure',
    'gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr9C',
  ],
];

/** A secret that is not one. */
export type WeakSecret =
  | { readonly kind: 'well_known'; readonly secret: string }
  /** The text of a public key: the attack that RFC 8725 §2.1 describes. */
  | { readonly kind: 'public_key' };

/** Tries secrets that everybody knows, whichever keys were given. */
export async function weakSecretOf(
  token: DecodedToken,
  keys: readonly InspectorKey[],
): Promise<WeakSecret | undefined> {
  const { alg } = token.header;
  if (typeof alg !== 'string' || ALGORITHMS.get(alg)?.keyType !== 'oct') return undefined;
  const signed = signedOf(token, alg);
  if (signed.signature.length === 0) return undefined;
  const secret = await fittingOf(signed, WELL_KNOWN);
  if (secret !== undefined) return { kind: 'well_known', secret };
  const texts = keys.flatMap(({ pem }) => (pem === undefined ? [] : [pem, `${pem}\n`]));
  return (await fittingOf(signed, texts)) === undefined ? undefined : { kind: 'public_key' };
}

async function fittingOf(signed: Signed, secrets: readonly string[]): Promise<string | undefined> {
  for (const secret of secrets) {
    const key = secretKey(new TextEncoder().encode(secret), 'text');
    if ((await checkSignature(signed, key)) === 'fits') return secret;
  }
  return undefined;
}
