import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';

const TOKEN_BYTES = 32;
const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const PURPOSE = 'latchkey refresh token successor';

/** 256 random bits, in base64url. */
export function newRefreshToken(): string {
  return randomBytes(TOKEN_BYTES).toString('base64url');
}

const TOKEN_FORMAT = /^[A-Za-z0-9_-]{43}$/;

/** Whether this could be one of ours: nonsense is not worth a question to the database. */
export function isRefreshToken(text: string): boolean {
  return TOKEN_FORMAT.test(text);
}

/** What is stored instead. A token with 256 random bits needs neither salt nor stretching. */
export function hashRefreshToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/**
 * Closes a successor under a key that follows from its parent, so that the database, which holds
 * only the parent's hash, cannot open it. Layout: nonce (12 bytes), ciphertext, tag (16).
 */
export function sealSuccessor(parent: string, successor: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, keyOf(parent), nonce, { authTagLength: TAG_BYTES });
  return Buffer.concat([nonce, cipher.update(successor), cipher.final(), cipher.getAuthTag()]);
}

/** @throws Error when it was not closed under this parent */
export function openSuccessor(parent: string, sealed: Buffer): string {
  const nonce = sealed.subarray(0, NONCE_BYTES);
  const decipher = createDecipheriv(CIPHER, keyOf(parent), nonce, { authTagLength: TAG_BYTES });
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  const ciphertext = sealed.subarray(NONCE_BYTES, -TAG_BYTES);
  return Buffer.concat([decipher.update(ciphertext), decipher.final()]).toString();
}

/** HKDF (RFC 5869) rather than a plain hash: the hash of the parent is in the database. */
function keyOf(parent: string): Buffer {
  return Buffer.from(hkdfSync('sha256', parent, '', PURPOSE, TOKEN_BYTES));
}
