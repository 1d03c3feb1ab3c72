import type { z } from 'zod';
import { readVariables } from './environment-variables.js';

/** The environment does not fit. The message names every wrong variable, and no value. */
export class InvalidEnvironmentError extends Error {
  override readonly name = 'InvalidEnvironmentError';
}

/**
 * Reads the environment through a schema, once, at start. An empty variable counts as one that is not
 * set, and each variable `X` may be in a file that `X_FILE` names. Rules across variables are made with
 * `environment.rule`, so that they are told together with everything else.
 *
 * @throws InvalidEnvironmentError naming every variable that is missing or wrong at once
 */
export function loadConfig<Schema extends z.ZodObject>(
  schema: Schema,
  environment: NodeJS.ProcessEnv,
): Readonly<z.infer<Schema>> {
  const { values, unreadable } = readVariables(Object.keys(schema.shape), environment);
  const parsed = schema.safeParse(values);
  if (parsed.success && unreadable.size === 0) return Object.freeze(parsed.data);
  const lines = (parsed.error?.issues ?? [])
    // What is wrong with it has been said: nothing can be told of a value that was not read.
    .filter(({ path }) => !unreadable.has(String(path[0])))
    .map(({ path, message }) => {
      const given = values[String(path[0])] === undefined ? 'is not set' : 'is wrong';
      return `${path.map(String).join('.') || '(environment)'} ${given}: ${message}`;
    });
  const list = [...unreadable.values(), ...lines].map((line) => `  ${line}`).join('\n');
  throw new InvalidEnvironmentError(
    `The environment does not fit. Set or correct these variables:\n${list}`,
  );
}
