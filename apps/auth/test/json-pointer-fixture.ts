/** Resolves a JSON Pointer (RFC 6901) of the kinds that an OpenAPI document uses. */
export function valueAt(document: object, pointer: string): unknown {
  let found: unknown = document;
  for (const name of pointer.split('/').slice(1))
    found = (found as Record<string, unknown> | undefined)?.[name.replaceAll('~1', '/')];
  return found;
}
