import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';

const SECRET_BYTES = 32;
const FAMILY_BYTES = 18;
/** In base64url, without a remainder. */
const FAMILY_LENGTH = (FAMILY_BYTES / 3) * 4;
const KEY_BYTES = 32;
const WITH_FAMILY = /^[\w-]{67}$/;
/** Those of the release before families, which had no more than 256 bits. */
const WITHOUT_FAMILY = /^[\w-]{43}$/;
const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const PURPOSE = 'latchkey refresh token successor';

/**
 * 256 random bits in base64url, behind 144 that all tokens of one family begin with. Only holders of a
 * token know its family: a token with a known family and an unknown rest is one that was used before,
 * even where nothing else is left of it (ADR 0034).
 *
 * @param family of the token that is exchanged; a new one by default
 */
export function newRefreshToken(family = randomBytes(FAMILY_BYTES).toString('base64url')): string {
  return family + randomBytes(SECRET_BYTES).toString('base64url');
}

/** Whether this could be one of ours: nonsense is not worth a question to the database. */
export function isRefreshToken(text: string): boolean {
  return WITH_FAMILY.test(text) || WITHOUT_FAMILY.test(text);
}

/** @returns undefined for a token of a release that knew no families, and for what is no token of ours */
export function familyOf(token: string): string | undefined {
  return WITH_FAMILY.test(token) ? token.slice(0, FAMILY_LENGTH) : undefined;
}

/** What is stored instead of a token or a family. Neither needs salt or stretching: both are random. */
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
  return Buffer.from(hkdfSync('sha256', parent, '', PURPOSE, KEY_BYTES));
}
