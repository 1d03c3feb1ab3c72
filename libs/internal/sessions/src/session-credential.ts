import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const SECRET_BYTES = 32;
const CREDENTIAL = /^([A-Za-z0-9_-]{1,64})\.([A-Za-z0-9_-]{43})$/;
const CSRF_CONTEXT = 'latchkey csrf token';

/** The two parts of a cookie's value: the id of the session, and a secret that proves possession. */
export interface SessionCredential {
  readonly sessionId: string;
  /** 256 random bits in base64url. */
  readonly secret: string;
}

/** Creates a credential with a fresh secret. */
export function newCredential(sessionId: string): SessionCredential {
  return { sessionId, secret: randomBytes(SECRET_BYTES).toString('base64url') };
}

export const formatCredential = ({ sessionId, secret }: SessionCredential): string =>
  `${sessionId}.${secret}`;

/** @returns undefined for text that is not a credential, which saves a look-up in the store */
export function parseCredential(text: string): SessionCredential | undefined {
  const [, sessionId, secret] = CREDENTIAL.exec(text) ?? [];
  return sessionId === undefined || secret === undefined ? undefined : { sessionId, secret };
}

/** Digests the text of a secret. Digesting its decoded bytes would accept several spellings. */
export const digestOf = (secret: string): Uint8Array =>
  createHash('sha256').update(secret).digest();

export function matches(secret: string, digest: Uint8Array): boolean {
  const own = digestOf(secret);
  return own.byteLength === digest.byteLength && timingSafeEqual(own, digest);
}

/**
 * Derives the CSRF token that a client sends with a state-changing request if its browser does not name
 * the origin. The token is bound to the session (OWASP: signed double-submit cookie) and need not be
 * stored: it can be derived from the cookie, which pages of other origins cannot read.
 */
export const csrfTokenOf = (credential: string): string =>
  createHmac('sha256', credential).update(CSRF_CONTEXT).digest('base64url');

export function isCsrfToken(token: string, credential: string): boolean {
  const [given, expected] = [Buffer.from(token), Buffer.from(csrfTokenOf(credential))];
  return given.byteLength === expected.byteLength && timingSafeEqual(given, expected);
}
