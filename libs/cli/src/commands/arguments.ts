import {
  ClientId,
  KeyId,
  NewClientId,
  PresentedSessionId,
  RoleName,
  ScopeToken,
  Username,
} from '@latchkey/contracts/auth-api';
import { InvalidArgumentError, Option, type Command } from 'commander';
import type { z } from 'zod';
import { usageError } from '../errors.js';
import type { Invocation } from '../invocation.js';

/** Makes the run of a command from its global options. */
export type Invoke = (command: Command) => Invocation;

/** Options of commands that cannot be undone. */
export interface Confirmable {
  readonly yes?: boolean;
}

const messagesOf = (error: z.ZodError) => error.issues.map(({ message }) => message).join('; ');

const checkedBy =
  <Schema extends z.ZodType>(schema: Schema) =>
  (text: string): z.output<Schema> => {
    const parsed = schema.safeParse(text);
    if (!parsed.success) throw new InvalidArgumentError(messagesOf(parsed.error));
    return parsed.data;
  };

export const username = checkedBy(Username);
export const newClientId = checkedBy(NewClientId);
export const clientId = checkedBy(ClientId);
export const sessionId = checkedBy(PresentedSessionId);
export const keyId = checkedBy(KeyId);

/** Collects a repeatable option. Each value may hold several words. */
const collect =
  <Schema extends z.ZodType<string, string>>(schema: Schema) =>
  (text: string, before: string[] = []): string[] => {
    const words = text.split(/\s+/).filter((word) => word !== '');
    if (words.length === 0) throw new InvalidArgumentError('It must not be blank');
    return [...new Set([...before, ...words.map(checkedBy(schema))])];
  };

/** `--role`, which can be repeated. */
export const roleOption = (description: string) =>
  new Option('--role <role>', description).argParser(collect(RoleName));

/** `--scope`, which can be repeated. */
export const scopeOption = (description: string) =>
  new Option('--scope <scope>', description).argParser(collect(ScopeToken));

/** `--yes`, for commands that ask otherwise. */
export const yesOption = () => new Option('-y, --yes', 'do not ask');

/** Checks the body of a request before it is sent. @throws CommandError that names the members */
export function checkedBody<Schema extends z.ZodType>(
  schema: Schema,
  body: z.input<Schema>,
): z.output<Schema> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw usageError('The request would be invalid', { detail: issues.join('; ') });
}

/** An example below the help of a command. */
export const example = (...lines: readonly string[]): string =>
  ['', lines.length > 1 ? 'Examples:' : 'Example:', ...lines.map((line) => `  ${line}`)].join('\n');
