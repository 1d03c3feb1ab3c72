/** The characters of a scope (RFC 6749 §3.3). */
const SCOPE = /^[\x21\x23-\x5B\x5D-\x7E]+$/;

/** Scopes as the caller names them: one string, separated by spaces, or an array. */
export type Scopes = string | readonly string[];

/**
 * Returns scopes in one spelling, sorted and without doubles, so that the same scopes share a token.
 *
 * @throws TypeError if one is not a scope
 */
export function normalizedScopes(scopes: Scopes): readonly string[] {
  const given: readonly unknown[] = typeof scopes === 'string' ? scopes.split(' ') : [...scopes];
  const names = given.filter((name) => name !== '');
  for (const name of names)
    if (typeof name !== 'string' || !SCOPE.test(name))
      throw new TypeError('scopes must be visible ASCII characters except " and \\');
  return [...new Set(names as string[])].sort();
}
