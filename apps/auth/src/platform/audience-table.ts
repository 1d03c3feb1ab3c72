/**
 * The services that accept tokens, by their `aud`, and the scopes that each one knows. Undefined: the service
 * knows every scope.
 */
export type AudienceTable = ReadonlyMap<string, ReadonlySet<string> | undefined>;

export const knowsScope = (table: AudienceTable, audience: string, scope: string): boolean =>
  table.has(audience) && (table.get(audience)?.has(scope) ?? true);

/** Whether any service knows the scope. */
export const isKnownScope = (table: AudienceTable, scope: string): boolean =>
  [...table.keys()].some((audience) => knowsScope(table, audience, scope));
