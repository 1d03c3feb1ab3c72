import type { ClientKey, ClientPolicy, ConfiguredClient, Settings } from '../platform/settings.js';
import { exchangePolicy, unitedPolicy } from './client-policy.js';
import type { ClientEntity } from './client.entity.js';
import type { ManagedClientEntity } from './managed-client.entity.js';

/** A client with its valid credentials: none if it is unknown or was revoked. */
export interface RegisteredClient {
  readonly secretsSha256: readonly string[];
  readonly keys: readonly ClientKey[];
  readonly policy: ClientPolicy;
}

type Services = Pick<Settings, 'audiences' | 'issuer'>;

/** Combines the configured entries of a client or, if there are none, takes it from its row. */
export function registeredClient(
  entries: readonly ConfiguredClient[],
  row: ClientEntity | null,
  services: Services,
): RegisteredClient {
  const client =
    entries.length > 0 ? configuredClient(entries) : managedClient(row?.managed, services);
  const { revokedSecrets = [], revokedKeys = [] } = row ?? {};
  return {
    ...client,
    secretsSha256: client.secretsSha256.filter((hash) => !revokedSecrets.includes(hash)),
    keys: client.keys.filter(({ thumbprint }) => !revokedKeys.includes(thumbprint)),
  };
}

/** @param entries of the same client, at least one */
export function configuredClient(entries: readonly ConfiguredClient[]): RegisteredClient {
  return {
    secretsSha256: entries.flatMap(({ secretSha256 }) => secretSha256 ?? []),
    keys: entries.flatMap(({ keys }) => keys),
    policy: unitedPolicy(entries),
  };
}

function managedClient(
  client: ManagedClientEntity | null | undefined,
  services: Services,
): RegisteredClient {
  const { scopes = [], exchange = {}, credentials = [] } = client ?? {};
  return {
    secretsSha256: credentials.flatMap(({ secretSha256 }) => secretSha256 ?? []),
    keys: credentials.flatMap(({ jwk, keyThumbprint: thumbprint }) =>
      jwk && thumbprint !== null ? { jwk, thumbprint } : [],
    ),
    policy: { scopes: new Set(scopes), exchange: offered(exchangePolicy(exchange), services) },
  };
}

/** Leaves out the services that the configuration no longer names. */
const offered = (exchange: ClientPolicy['exchange'], { audiences, issuer }: Services) =>
  new Map([...exchange].filter(([name]) => audiences.has(name) && name !== issuer));
