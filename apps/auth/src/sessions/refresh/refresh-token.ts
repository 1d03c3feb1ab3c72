import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';

const SECRET_BYTES = 32;
const FAMILY_BYTES = 18;
/** The length in base64url, which has no padding because 18 is a multiple of 3. */
const FAMILY_LENGTH = (FAMILY_BYTES / 3) * 4;
const KEY_BYTES = 32;
const WITH_FAMILY = /^[\w-]{67}$/;
/** Tokens from the release before families: only the 256-bit secret. */
const WITHOUT_FAMILY = /^[\w-]{43}$/;
const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const PURPOSE = 'latchkey refresh token successor';

/**
 * Creates a refresh token: the family's 144 random bits, then 256 of its own, in base64url. Only
 * holders of a token know its family, so a token with a known family and an unknown secret was used
 * before, even if its row has been deleted (ADR 0034).
 *
 * @param family the family of the token that is exchanged; defaults to a new one
 */
export function newRefreshToken(family = randomBytes(FAMILY_BYTES).toString('base64url')): string {
  return family + randomBytes(SECRET_BYTES).toString('base64url');
}

/** Checks the format only, to spare the database queries for garbage. */
export function isRefreshToken(text: string): boolean {
  return WITH_FAMILY.test(text) || WITHOUT_FAMILY.test(text);
}

/** @returns undefined for a token from before families, or a malformed one */
export function familyOf(token: string): string | undefined {
  return WITH_FAMILY.test(token) ? token.slice(0, FAMILY_LENGTH) : undefined;
}

/** Hashes a token or a family for storage. Both are random, so neither needs salt or stretching. */
export function hashRefreshToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/**
 * Encrypts a successor with a key derived from its parent, so that the database, which holds only
 * the parent's hash, cannot decrypt it. Layout: nonce (12 bytes), ciphertext, tag (16 bytes).
 */
export function sealSuccessor(parent: string, successor: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, keyOf(parent), nonce, { authTagLength: TAG_BYTES });
  return Buffer.concat([nonce, cipher.update(successor), cipher.final(), cipher.getAuthTag()]);
}

/** @throws Error if the successor was not sealed with this parent */
export function openSuccessor(parent: string, sealed: Buffer): string {
  const nonce = sealed.subarray(0, NONCE_BYTES);
  const decipher = createDecipheriv(CIPHER, keyOf(parent), nonce, { authTagLength: TAG_BYTES });
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  const ciphertext = sealed.subarray(NONCE_BYTES, -TAG_BYTES);
  return Buffer.concat([decipher.update(ciphertext), decipher.final()]).toString();
}

/** Uses HKDF (RFC 5869) instead of a plain hash, because the database holds the parent's hash. */
function keyOf(parent: string): Buffer {
  return Buffer.from(hkdfSync('sha256', parent, '', PURPOSE, KEY_BYTES));
}
