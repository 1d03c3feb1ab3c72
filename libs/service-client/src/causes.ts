import { types } from 'node:util';

/**
 * Describes an error of an HTTP client for `cause`. The error itself may hold the bytes of a message, and
 * with them a token: undici's parser errors do.
 */
export function causeOf(error: unknown): Error {
  const { code, name } = innermost(error) as { code?: unknown; name?: unknown };
  const known = [code, name].find((value) => typeof value === 'string' && NAME.test(value));
  return withoutStack(typeof known === 'string' ? known : 'unknown error');
}

/** The codes of Node.js and undici, and the names of error classes. */
const NAME = /^[A-Za-z][A-Za-z0-9_]{0,63}$/;
const MAX_DEPTH = 5;

/** `fetch` wraps the error of the connection, which may be several: one for each address of the host. */
function innermost(error: unknown, depth = 0): object {
  if (typeof error !== 'object' || error === null) return {};
  const { errors: [first] = [], cause = first } = error as Wrapped;
  return types.isNativeError(cause) && depth < MAX_DEPTH ? innermost(cause, depth + 1) : error;
}

interface Wrapped {
  readonly cause?: unknown;
  readonly errors?: readonly unknown[];
}

function withoutStack(message: string): Error {
  const error = new Error(message);
  delete error.stack;
  return error;
}

const REDACTED = '[redacted]';

/** Removes secrets from a text that another party wrote, and that may repeat what it was sent. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  let clean = text;
  for (const secret of secrets)
    for (const spelling of new Set([secret, encodeURIComponent(secret), formEncoded(secret)]))
      if (spelling !== '') clean = clean.replaceAll(spelling, REDACTED);
  return clean;
}

const formEncoded = (text: string) => new URLSearchParams([['', text]]).toString().slice(1);
