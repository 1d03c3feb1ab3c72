import type { NatsConnectionSettings } from '@latchkey/contracts';
import { credsAuthenticator, nkeyAuthenticator, type Authenticator } from '@nats-io/transport-node';
import { readFileSync } from 'node:fs';

/** The NATS part of a service's environment. */
export interface NatsConfig {
  readonly NATS_URL: string;
  readonly NATS_USER?: string | undefined;
  readonly NATS_PASSWORD?: string | undefined;
  readonly NATS_CA_FILE?: string | undefined;
  readonly NATS_CERT_FILE?: string | undefined;
  readonly NATS_KEY_FILE?: string | undefined;
  readonly NATS_CREDS_FILE?: string | undefined;
  readonly NATS_NKEY_SEED?: string | undefined;
}

const LINE_BREAK = Buffer.from('\n');

/** Converts the environment to connection settings, for the relay and for a feed alike. */
export function natsSettings(config: NatsConfig): NatsConnectionSettings<Authenticator> {
  return {
    servers: config.NATS_URL,
    user: config.NATS_USER,
    password: config.NATS_PASSWORD,
    authenticator: authenticatorOf(config),
    tls: tlsOf(config),
  };
}

/**
 * Reads the credentials file at each connection, because credentials expire and are renewed in place. The NATS client
 * does not recognize them without a trailing line break.
 */
function authenticatorOf(config: NatsConfig): Authenticator | undefined {
  const { NATS_CREDS_FILE: credsFile, NATS_NKEY_SEED: seed } = config;
  if (credsFile !== undefined)
    return credsAuthenticator(() => Buffer.concat([readFileSync(credsFile), LINE_BREAK]));
  if (seed !== undefined) return nkeyAuthenticator(new TextEncoder().encode(seed));
  return undefined;
}

function tlsOf(config: NatsConfig): NatsConnectionSettings['tls'] {
  const { NATS_CA_FILE: caFile, NATS_CERT_FILE: certFile, NATS_KEY_FILE: keyFile } = config;
  if (caFile === undefined && certFile === undefined) return undefined;
  return {
    ...(caFile !== undefined && { caFile }),
    ...(certFile !== undefined && { certFile }),
    ...(keyFile !== undefined && { keyFile }),
  };
}
