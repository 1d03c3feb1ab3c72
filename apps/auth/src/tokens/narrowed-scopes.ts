import { ProblemError } from '@latchkey/service-kit';

/**
 * The scopes to grant: the requested ones, or all available ones if none are requested (RFC 6749 §3.3, §6).
 *
 * @throws ProblemError invalid_scope (RFC 6749 §5.2) if a requested scope is not available
 */
export function narrowedScopes(
  available: ReadonlySet<string>,
  wanted: string | undefined,
  refusal: string,
): string[] {
  if (wanted === undefined) return [...available];
  const scopes = [...new Set(wanted.split(' ').filter((scope) => scope !== ''))];
  if (scopes.length === 0 || !scopes.every((scope) => available.has(scope)))
    throw new ProblemError(400, 'invalid_scope', refusal);
  return scopes;
}
