import { createPrivateKey, generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { calculateJwkThumbprint, exportJWK } from 'jose';
import type { KeyEncryption } from './key-encryption.js';
import type { SigningKeyChange } from './signing-key-store.js';
import { SIGNING_ALGORITHM, type PublicSigningJwk, type StoredSigningKey } from './signing-key.js';

const MODULUS_BITS = 2048;
const generate = promisify(generateKeyPair);

async function publicSigningJwk(publicKey: KeyObject): Promise<PublicSigningJwk> {
  const { n, e } = await exportJWK(publicKey);
  if (n === undefined || e === undefined) throw new TypeError('not an RSA key');
  const kid = await calculateJwkThumbprint({ kty: 'RSA', n, e }, 'sha256');
  return { kty: 'RSA', n, e, alg: SIGNING_ALGORITHM, use: 'sig', kid };
}

/** Makes an RSA-2048 key, named by its RFC 7638 thumbprint, with its private part already encrypted. */
export async function generateStoredKey(
  encryption: KeyEncryption,
): Promise<Extract<SigningKeyChange, { type: 'insert' }>['key']> {
  const { publicKey, privateKey } = await generate('rsa', { modulusLength: MODULUS_BITS });
  const publicJwk = await publicSigningJwk(publicKey);
  const pkcs8 = privateKey.export({ format: 'der', type: 'pkcs8' });
  const encryptedPrivateKey = encryption.encrypt(publicJwk.kid, pkcs8);
  pkcs8.fill(0);
  return { keyId: publicJwk.kid, publicJwk, encryptedPrivateKey };
}

/** @throws KeyDecryptionError */
export function openPrivateKey(
  encryption: KeyEncryption,
  key: Pick<StoredSigningKey, 'keyId'> & { encryptedPrivateKey: Uint8Array },
): KeyObject {
  const pkcs8 = Buffer.from(encryption.decrypt(key.keyId, key.encryptedPrivateKey));
  const privateKey = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
  pkcs8.fill(0);
  return privateKey;
}
