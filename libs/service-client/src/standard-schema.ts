/**
 * The part of Standard Schema (https://standardschema.dev, version 1) that a reply is checked with. Schemas of
 * zod, valibot and arktype have it, so that this library depends on none of them.
 */
export interface StandardSchema<Output> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => Result<Output> | Promise<Result<Output>>;
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined;
  };
}

interface Issue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

type Result<Output> =
  { readonly value: Output; readonly issues?: undefined } | { readonly issues: readonly Issue[] };

/**
 * Checks a value.
 *
 * @returns where it is wrong, as paths without values, or the value of the schema
 */
export async function validate<Output>(
  schema: StandardSchema<Output>,
  value: unknown,
): Promise<{ readonly value: Output } | { readonly wrongAt: string }> {
  const result = await schema['~standard'].validate(value);
  if (!result.issues) return { value: result.value };
  return { wrongAt: result.issues.map(({ path = [] }) => pointerOf(path)).join(', ') };
}

/** A JSON Pointer (RFC 6901). */
function pointerOf(path: NonNullable<Issue['path']>): string {
  const names = path.map((part) => String(typeof part === 'object' ? part.key : part));
  return `/${names.map((name) => name.replaceAll('~', '~0').replaceAll('/', '~1')).join('/')}`;
}
