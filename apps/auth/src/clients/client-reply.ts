import type { ClientCredentialReply, ClientReply } from '@latchkey/contracts/auth-api';
import type { ClientKey, ClientPolicy } from '../platform/settings.js';
import type { ClientCredentialEntity } from './client-credential.entity.js';
import { exchangePolicy } from './client-policy.js';
import type { ManagedClientEntity } from './managed-client.entity.js';
import type { RegisteredClient } from './registered-client.js';

export function configuredClientReply(clientId: string, client: RegisteredClient): ClientReply {
  const { secretsSha256, keys, policy } = client;
  return {
    clientId,
    source: 'configuration',
    ...policyReply(policy),
    credentials: [...secretsSha256.map(() => ({ kind: 'secret' as const })), ...keys.map(keyReply)],
  };
}

export function managedClientReply(client: ManagedClientEntity): ClientReply {
  const { id, scopes, exchange, credentials = [], createdAt } = client;
  return {
    clientId: id,
    source: 'managed',
    ...policyReply({ scopes: new Set(scopes), exchange: exchangePolicy(exchange) }),
    credentials: credentials.map(credentialReply),
    createdAt: createdAt.toISOString(),
  };
}

export function credentialReply(
  credential: ClientCredentialEntity,
): ClientCredentialReply & { readonly id: string } {
  const { id, jwk, keyThumbprint: thumbprint, createdAt } = credential;
  const key = jwk && thumbprint !== null ? keyReply({ jwk, thumbprint }) : undefined;
  return { kind: 'secret', id, createdAt: createdAt.toISOString(), ...key };
}

const keyReply = ({ jwk, thumbprint }: ClientKey) => ({
  kind: 'key' as const,
  keyId: jwk.kid,
  thumbprint,
});

const policyReply = ({ scopes, exchange }: ClientPolicy) => ({
  scopes: [...scopes],
  exchange: Object.fromEntries(
    [...exchange].map(([audience, allowed]) => [audience, allowed ? [...allowed] : null]),
  ),
});
