const CODE = /^[\w.-]{1,64}$/;

/** `error.type` of the semantic conventions: the error's code, such as a SQLSTATE, or else its class. */
export function errorTypeOf(error: unknown): string {
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown };
  for (const type of [code, name]) if (typeof type === 'string' && CODE.test(type)) return type;
  return '_OTHER';
}
