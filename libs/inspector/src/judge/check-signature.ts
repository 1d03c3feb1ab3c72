import { importJWK, type CryptoKey, type JWK } from 'jose';
import type { InspectorKey } from '../keys/key.js';
import { ALGORITHMS, type Algorithm } from './algorithms.js';

/** A signature, and the text that it is for. */
export interface Signed {
  readonly alg: string;
  readonly input: Uint8Array<ArrayBuffer>;
  readonly signature: Uint8Array<ArrayBuffer>;
}

/** `unusable`: the key is damaged, or the browser does not have the algorithm. */
export type SignatureState = 'fits' | 'wrong' | 'unusable';

/**
 * Checks a signature with one key. jose imports the key, but WebCrypto is called directly, because jose
 * refuses RSA keys of less than 2048 bits, which people have and want to look at.
 */
export async function checkSignature(signed: Signed, key: InspectorKey): Promise<SignatureState> {
  const algorithm = ALGORITHMS.get(signed.alg);
  if (!algorithm) return 'unusable';
  try {
    const imported = await importKey(key, signed.alg, algorithm);
    const { parameters } = algorithm;
    const fits = await crypto.subtle.verify(parameters, imported, signed.signature, signed.input);
    return fits ? 'fits' : 'wrong';
  } catch {
    return 'unusable';
  }
}

async function importKey(key: InspectorKey, alg: string, algorithm: Algorithm): Promise<CryptoKey> {
  // What the key may be used for was compared with the token before.
  const jwk = { ...key.jwk, use: undefined, key_ops: undefined, alg: undefined };
  const imported = await importJWK(jwk as unknown as JWK, alg);
  if (!(imported instanceof Uint8Array)) return imported;
  const { name, hash = '' } = algorithm.parameters;
  return crypto.subtle.importKey('raw', new Uint8Array(imported), { name, hash }, false, [
    'verify',
  ]);
}
