import type { z } from 'zod';

/** The environment does not fit. The message names every wrong variable, and no value. */
export class InvalidEnvironmentError extends Error {
  override readonly name = 'InvalidEnvironmentError';
}

/**
 * Reads the environment through a schema, once, at start.
 *
 * @throws InvalidEnvironmentError naming every variable that is missing or wrong at once
 */
export function loadConfig<Schema extends z.ZodType>(
  schema: Schema,
  environment: NodeJS.ProcessEnv,
): Readonly<z.infer<Schema>> {
  const parsed = schema.safeParse(environment);
  if (parsed.success) return Object.freeze(parsed.data);
  const lines = parsed.error.issues.map(({ path, message }) => {
    const variable = path.map(String).join('.') || '(environment)';
    const given = environment[String(path[0])] === undefined ? 'is not set' : 'is wrong';
    return `  ${variable} ${given}: ${message}`;
  });
  throw new InvalidEnvironmentError(
    `The environment does not fit. Set or correct these variables:\n${lines.join('\n')}`,
  );
}
