import type { ExchangeTargets } from '@latchkey/contracts/auth-api';
import type { ClientPolicy } from '../platform/settings.js';

type ExchangePolicy = ClientPolicy['exchange'];

/** Reads either notation of the services for which a client may exchange tokens. */
export function exchangePolicy(targets: ExchangeTargets): ExchangePolicy {
  if (Array.isArray(targets)) return new Map(targets.map((audience) => [audience, undefined]));
  return new Map(
    Object.entries(targets).map(([audience, scopes]) => [
      audience,
      scopes ? new Set(scopes) : undefined,
    ]),
  );
}

/** Merges policies: the result allows everything that one of them allows. */
export function unitedPolicy(policies: readonly ClientPolicy[]): ClientPolicy {
  const exchange = new Map<string, ReadonlySet<string> | undefined>();
  for (const [audience, scopes] of policies.flatMap((policy) => [...policy.exchange])) {
    const before = exchange.has(audience) ? exchange.get(audience) : new Set<string>();
    exchange.set(audience, before && scopes && new Set([...before, ...scopes]));
  }
  return { scopes: new Set(policies.flatMap(({ scopes }) => [...scopes])), exchange };
}
