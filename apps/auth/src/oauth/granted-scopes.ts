import { ProblemError } from '@latchkey/service-kit';
import { knowsScope, type AudienceTable } from '../platform/audience-table.js';
import { narrowedScopes } from '../tokens/narrowed-scopes.js';

/** The facts that decide which scopes a token gets. */
export interface ScopeRequest {
  /** The scopes that the user or the client has. */
  readonly held: ReadonlySet<string>;
  /** The owner of these scopes, named in the error. */
  readonly holder: 'subject token' | 'client';
  /** The services that the token is for. */
  readonly targets: readonly string[];
  /** The scopes that each service knows. */
  readonly known: AudienceTable;
  /** The scopes that the client may use at each service. */
  readonly allowed: AudienceTable;
  /** The `scope` of the request; undefined for all that can be granted. */
  readonly wanted: string | undefined;
}

/**
 * Returns the scopes to grant: those of the holder that a target knows, and that the client may use at every
 * target that knows them, because one token has the same scopes everywhere. Without a `scope` parameter, all
 * other scopes are dropped. The `auth:` scopes are for users only.
 *
 * @throws ProblemError invalid_scope if a requested scope cannot be granted, or none is left
 */
export function grantedScopes({ wanted, ...request }: ScopeRequest): string[] {
  const { held, targets, known, allowed } = request;
  const grantable = [...held].filter((scope) => {
    const knowing = targets.filter((target) => knowsScope(known, target, scope));
    const permitted = knowing.every((target) => knowsScope(allowed, target, scope));
    return !scope.startsWith('auth:') && knowing.length > 0 && permitted;
  });
  if (grantable.length === 0) throw nothingLeft(request);
  const refusal = `The scope exceeds what can be granted: ${grantable.join(' ')}`;
  return narrowedScopes(new Set(grantable), wanted, refusal);
}

/** Says which of the three conditions leaves no scope. All names come from the configuration. */
function nothingLeft({ held, holder, targets, known }: Omit<ScopeRequest, 'wanted'>): ProblemError {
  const services = targets.join(' and ');
  const candidates = [...held].filter((scope) => !scope.startsWith('auth:'));
  const isKnown = candidates.some((scope) =>
    targets.some((target) => knowsScope(known, target, scope)),
  );
  let title = `The client may use none of the scopes of the ${holder} at ${services}`;
  if (!isKnown) title = `None of the scopes of the ${holder} is known at ${services}`;
  if (candidates.length === 0) title = `The ${holder} has no scopes that could be granted`;
  return new ProblemError(400, 'invalid_scope', title);
}
