import type { ExchangeTargets } from '@latchkey/contracts/auth-api';
import { isKnownScope, knowsScope } from '../platform/audience-table.js';
import type { Settings } from '../platform/settings.js';
import { exchangePolicy } from './client-policy.js';
import type { ManagedClientEntity } from './managed-client.entity.js';
import { unknownAudience, unknownScope } from './managed-client-problems.js';

type Services = Pick<Settings, 'audiences' | 'issuer'>;

/** @throws ProblemError 400 for a scope that no service knows */
export function managedScopes(scopes: readonly string[], { audiences }: Services): string[] {
  if (!scopes.every((scope) => isKnownScope(audiences, scope))) throw unknownScope();
  return [...new Set(scopes)];
}

/** @throws ProblemError 400 for an unknown service, or a scope that it does not know */
export function managedExchange(
  targets: ExchangeTargets,
  { audiences, issuer }: Services,
): ManagedClientEntity['exchange'] {
  const exchange = [...exchangePolicy(targets)];
  for (const [audience, scopes] of exchange) {
    if (!audiences.has(audience) || audience === issuer) throw unknownAudience();
    for (const scope of scopes ?? [])
      if (!knowsScope(audiences, audience, scope)) throw unknownScope();
  }
  return Object.fromEntries(exchange.map(([name, scopes]) => [name, scopes ? [...scopes] : null]));
}
