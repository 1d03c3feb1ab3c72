import { ApiError } from '../../../auth/api-error.js';
import { admin } from '../../../texts/admin.js';

const { badJwk } = admin.clients.form;

/** The keys in a pasted JWK or JWK set. Auth judges them. @throws {@link ApiError} if the text is neither */
export function jwksOf(text: string): readonly object[] {
  const value = parsed(text);
  const keys = (value as { keys?: unknown }).keys;
  return Array.isArray(keys) ? (keys as object[]) : [value];
}

function parsed(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    // It is said below.
  }
  throw new ApiError([badJwk], 'bad_jwk', { '/jwk': badJwk });
}
