import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const SECRET_BYTES = 32;
const CREDENTIAL = /^([A-Za-z0-9_-]{1,64})\.([A-Za-z0-9_-]{43})$/;
const CSRF_CONTEXT = 'latchkey csrf token';

/** The two halves of a cookie's value: which session, and the proof of holding it. */
export interface SessionCredential {
  readonly sessionId: string;
  /** 256 random bits in base64url. */
  readonly secret: string;
}

/** A secret that nobody has seen before, for one session. */
export function newCredential(sessionId: string): SessionCredential {
  return { sessionId, secret: randomBytes(SECRET_BYTES).toString('base64url') };
}

export const formatCredential = ({ sessionId, secret }: SessionCredential): string =>
  `${sessionId}.${secret}`;

/** @returns undefined for what never was a credential: not worth a question to the store */
export function parseCredential(text: string): SessionCredential | undefined {
  const [, sessionId, secret] = CREDENTIAL.exec(text) ?? [];
  return sessionId === undefined || secret === undefined ? undefined : { sessionId, secret };
}

/** Of the text, not of the bytes that it stands for: a secret has one spelling. */
export const digestOf = (secret: string): Uint8Array =>
  createHash('sha256').update(secret).digest();

export function matches(secret: string, digest: Uint8Array): boolean {
  const own = digestOf(secret);
  return own.byteLength === digest.byteLength && timingSafeEqual(own, digest);
}

/**
 * What a page of this origin sends with a request that changes something, where a browser does not
 * say by itself whose page it is. Bound to the session (OWASP: "signed double-submit"), and nothing to
 * store: whoever holds the cookie can make it, and a foreign page does not.
 */
export const csrfTokenOf = (credential: string): string =>
  createHmac('sha256', credential).update(CSRF_CONTEXT).digest('base64url');

export function isCsrfToken(token: string, credential: string): boolean {
  const [given, expected] = [Buffer.from(token), Buffer.from(csrfTokenOf(credential))];
  return given.byteLength === expected.byteLength && timingSafeEqual(given, expected);
}
