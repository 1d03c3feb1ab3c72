import { ClientJwk, ClientJwks } from '@latchkey/contracts/auth-api';
import { createPublicKey } from 'node:crypto';
import type { z } from 'zod';
import { parseJson } from '../auth/answer.js';
import { usageError } from '../errors.js';
import { checkedBody } from './arguments.js';

/**
 * Reads public keys: a JWK, a JWK Set (RFC 7517), or PEM.
 *
 * @throws CommandError for anything else, above all for a private key, which auth must never see
 */
export function publicKeysIn(text: string): ClientJwk[] {
  if (text.includes('PRIVATE KEY'))
    throw usageError('This is a private key; give the public key', {
      hint: 'openssl pkey -in private.pem -pubout -out public.pem',
    });
  const document = parseJson(text) ?? jwkOf(text);
  if (typeof document !== 'object' || document === null) throw notAKey();
  if ('keys' in document)
    return checkedBody(ClientJwks, document as z.input<typeof ClientJwks>).keys;
  return [checkedBody(ClientJwk, document as z.input<typeof ClientJwk>)];
}

function jwkOf(pem: string): unknown {
  try {
    return createPublicKey(pem).export({ format: 'jwk' });
  } catch {
    throw notAKey(); // the reason names only OpenSSL's decoders
  }
}

const notAKey = () => usageError('The key is neither a JWK, a JWK Set nor PEM');
