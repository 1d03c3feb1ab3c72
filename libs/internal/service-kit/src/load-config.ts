import type { z } from 'zod';
import type { RuleParameters } from './environment-rule.js';
import { readVariables } from './environment-variables.js';

/** The environment is invalid. The message names every wrong variable, and quotes no value. */
export class InvalidEnvironmentError extends Error {
  override readonly name = 'InvalidEnvironmentError';
}

/** The variables that an issue is about: several, if it breaks a rule. */
function readsOf({ path, ...issue }: z.core.$ZodIssue): readonly string[] {
  const { reads = [] }: Partial<RuleParameters> = (issue.code === 'custom' && issue.params) || {};
  return [String(path[0]), ...reads];
}

/**
 * Validates the environment at start. An empty variable counts as not set, and `X_FILE` names a file that contains
 * the value of `X`. Write rules across variables with `environment.rule`, so that they are reported together with
 * all other mistakes.
 *
 * @throws InvalidEnvironmentError naming every missing or wrong variable at once
 */
export function loadConfig<Schema extends z.ZodObject>(
  schema: Schema,
  environment: NodeJS.ProcessEnv,
): Readonly<z.infer<Schema>> {
  const { values, unreadable } = readVariables(Object.keys(schema.shape), environment);
  const parsed = schema.safeParse(values);
  if (parsed.success && unreadable.size === 0) return Object.freeze(parsed.data);
  const lines = (parsed.error?.issues ?? [])
    // A variable that could not be read is reported below; its value was not validated.
    .filter((issue) => !readsOf(issue).some((name) => unreadable.has(name)))
    .map(({ path, message }) => {
      const given = values[String(path[0])] === undefined ? 'is not set' : 'is wrong';
      return `${path.map(String).join('.') || '(environment)'} ${given}: ${message}`;
    });
  const list = [...unreadable.values(), ...lines].map((line) => `  ${line}`).join('\n');
  throw new InvalidEnvironmentError(
    `The environment is invalid. Set or correct these variables:\n${list}`,
  );
}
