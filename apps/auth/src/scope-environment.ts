import { RoleName, ScopeToken } from '@latchkey/contracts/auth-api';
import { environment } from '@latchkey/service-kit';
import { z } from 'zod';
import type { AudienceTable } from './platform/audience-table.js';
import { ADMIN_ROLE } from './platform/settings.js';

/** The scopes of each name, as a variable gives them in a JSON object. */
type ScopeLists = ReadonlyMap<string, readonly string[]>;

const AUTH_SCOPE = 'auth:';
/** Matches strings, and captures the colon after the name of a member. */
const MEMBER_NAME = /"(?:[^"\\]|\\.)*"(?=\s*(:?))/g;

/** A mistake in a variable. The message names it, but quotes nothing that might be a secret. */
class Mistake extends Error {}

/** Turns mistakes into issues. Unlike `environment.readBy`, it accepts line breaks, which JSON may have. */
const readBy = <Result>(read: (text: string) => Result) =>
  z.string().transform((text, context) => {
    try {
      return read(text.trim());
    } catch (error) {
      if (!(error instanceof Mistake)) throw error;
      context.addIssue(error.message);
      return z.NEVER;
    }
  });

function parseScopeLists(text: string, example: string): ScopeLists {
  const lists = parseJson(text);
  if (typeof lists !== 'object' || lists === null || Array.isArray(lists))
    throw new Mistake(`must be JSON such as ${example}`);
  const members = Object.entries(lists);
  const table = new Map(members.map(([name, list], index) => [name, scopeList(list, index)]));
  // `JSON.parse` silently keeps the last of two members with the same name.
  const written = [...text.matchAll(MEMBER_NAME)].filter(([, colon]) => colon === ':').length;
  if (written > table.size) throw new Mistake('has the same name twice');
  return table;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the text.
    return undefined;
  }
}

function scopeList(given: unknown, index: number): readonly string[] {
  const at = `the scopes of name ${index + 1}`;
  const list = z.array(z.string()).min(1).safeParse(given);
  if (!list.success) throw new Mistake(`${at} must be an array with at least one scope`);
  if (!list.data.every((scope) => ScopeToken.safeParse(scope).success))
    throw new Mistake(`${at} must have no spaces, quotes or backslashes`);
  if (list.data.some((scope) => scope.startsWith(AUTH_SCOPE)))
    throw new Mistake(`${at} must not contain auth:… scopes, which auth grants itself`);
  if (new Set(list.data).size < list.data.length) throw new Mistake(`${at} contain a scope twice`);
  return list.data;
}

function assertDistinct(names: readonly string[]): void {
  const spellings = new Set(names.map((name) => name.toLowerCase()));
  if (spellings.size < names.length)
    throw new Mistake('has the same name twice, or two names that differ only in case');
}

const AUDIENCES_EXAMPLE = '{"orders":["orders:read","orders:write"]}';

/** `orders,payments`, or a JSON object with the scopes that each service knows. */
export const audiences = readBy((text): AudienceTable => {
  if (!text.startsWith('{')) return new Map(namesIn(text).map((name) => [name, undefined]));
  const lists = parseScopeLists(text, AUDIENCES_EXAMPLE);
  if (lists.size === 0) throw new Mistake(`must name a service, as in ${AUDIENCES_EXAMPLE}`);
  if (![...lists.keys()].every((name) => environment.audience.safeParse(name).data === name))
    throw new Mistake('must have names without quotes, spaces or line breaks');
  assertDistinct([...lists.keys()]);
  return new Map([...lists].map(([name, scopes]) => [name, new Set(scopes)]));
});

function namesIn(text: string): string[] {
  const names = environment.audiences.safeParse(text);
  if (!names.success)
    throw new Mistake(
      'must be a comma-separated list of names without quotes, spaces or line breaks, ' +
        `or JSON such as ${AUDIENCES_EXAMPLE}`,
    );
  assertDistinct(names.data);
  return names.data;
}

/** The roles of users with the scopes of each. The role `admin` is built in. */
export const roles = readBy((text): ScopeLists => {
  const lists = parseScopeLists(text, '{"support":["orders:read"]}');
  if (![...lists.keys()].every((name) => RoleName.safeParse(name).data === name))
    throw new Mistake('must have names of lower-case letters, digits, - and _');
  if (lists.has(ADMIN_ROLE))
    throw new Mistake(`must not define ${ADMIN_ROLE}, whose scopes are ADMIN_SCOPES`);
  return lists;
});

/** Scopes separated by spaces, as in `scope` (RFC 6749 §3.3). */
export const scopes = z
  .string()
  .transform((text) => [...new Set(text.split(/\s+/).filter((scope) => scope !== ''))])
  .refine(
    // A single quote may be part of a scope, but here it is left over from a shell or an env file.
    (names) => names.every((name) => ScopeToken.safeParse(name).success && !name.includes("'")),
    'must be scopes separated by spaces, without quotes and backslashes',
  )
  .refine(
    (names) => !names.some((name) => name.startsWith(AUTH_SCOPE)),
    'must not contain auth:… scopes, which auth grants itself',
  );

/** The message for a variable with scopes that no service in `AUDIENCES` knows. */
export const unknownScopes = (names: readonly string[]): string =>
  `contains ${names.join(' ')}, which no service in AUDIENCES knows (scopes are case-sensitive)`;
