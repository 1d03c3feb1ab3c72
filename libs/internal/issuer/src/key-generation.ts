import { createPrivateKey, generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { calculateJwkThumbprint, exportJWK } from 'jose';
import type { KeyEncryption, KeyEncryptionRole } from './key-encryption.js';
import type { SigningKeyChange } from './signing-key-store.js';
import {
  SIGNING_ALGORITHM,
  type EncryptedSigningKey,
  type PublicSigningJwk,
} from './signing-key.js';

const MODULUS_BITS = 2048;
const generate = promisify(generateKeyPair);

async function publicSigningJwk(publicKey: KeyObject): Promise<PublicSigningJwk> {
  const { n, e } = await exportJWK(publicKey);
  if (n === undefined || e === undefined) throw new TypeError('not an RSA key');
  const kid = await calculateJwkThumbprint({ kty: 'RSA', n, e }, 'sha256');
  return { kty: 'RSA', n, e, alg: SIGNING_ALGORITHM, use: 'sig', kid };
}

/** Generates an RSA-2048 key pair. Its id is the RFC 7638 thumbprint, and the private key is already encrypted. */
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

/** A decrypted private key, and the key-encryption key that its stored form is encrypted with. */
export interface OpenedKey {
  readonly privateKey: KeyObject;
  readonly encryptedWith: KeyEncryptionRole;
}

/** @throws KeyDecryptionError */
export function openPrivateKey(encryption: KeyEncryption, key: EncryptedSigningKey): OpenedKey {
  const { plaintext, encryptedWith } = encryption.decrypt(key.keyId, key.encryptedPrivateKey);
  const privateKey = createPrivateKey({
    key: Buffer.from(plaintext.buffer, plaintext.byteOffset, plaintext.byteLength),
    format: 'der',
    type: 'pkcs8',
  });
  plaintext.fill(0);
  return { privateKey, encryptedWith };
}

/**
 * Re-encrypts a private key with the current key-encryption key.
 *
 * @throws KeyDecryptionError
 */
export function reencrypt(
  encryption: KeyEncryption,
  { keyId, encryptedPrivateKey: from }: EncryptedSigningKey,
): Extract<SigningKeyChange, { type: 'reencrypt' }> {
  const { plaintext } = encryption.decrypt(keyId, from);
  const to = encryption.encrypt(keyId, plaintext);
  plaintext.fill(0);
  return { type: 'reencrypt', keyId, from, to };
}
