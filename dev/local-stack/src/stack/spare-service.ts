import { SERVICE_NAMES } from './stack-replicas.js';
import { scopesOf, type ClientPolicy } from './service-calls.js';
import { secretFile } from './state-directory.js';

/**
 * The name of a service that the local stack knows and does not run, so that a reader can connect one: its NATS
 * account, audience and OAuth client.
 */
export const SPARE = 'spare';
export const SPARE_SCOPES: readonly string[] = [`${SPARE}:read`, `${SPARE}:write`];

/** It may call every service for users, with the scopes of every user. */
export const SPARE_POLICY: ClientPolicy = {
  exchange: Object.fromEntries(SERVICE_NAMES.map((name) => [name, scopesOf(name, 'user')])),
};

/** The settings with which a service connects as the spare one. */
export interface SpareConnection {
  readonly issuer: string;
  readonly audience: string;
  readonly scopes: readonly string[];
  readonly natsUrl: string;
  readonly natsUser: string;
  readonly natsPasswordFile: string;
  readonly clientId: string;
  readonly clientSecretFile: string;
}

export const spareConnection = (
  issuer: string,
  natsUrl: string,
  stateDirectory: string,
): SpareConnection => ({
  issuer,
  audience: SPARE,
  scopes: SPARE_SCOPES,
  natsUrl,
  natsUser: SPARE,
  natsPasswordFile: secretFile(stateDirectory, `nats-${SPARE}`),
  clientId: SPARE,
  clientSecretFile: secretFile(stateDirectory, `client-secret-${SPARE}`),
});
