import { z } from 'zod';
import {
  forbidsTls,
  natsEnvironment,
  oneOf,
  rule,
  serviceEnvironment,
  together,
  withAuthority,
} from './environment.js';

/** A service that accepts no access tokens does not need NATS. */
const nats = { ...natsEnvironment, NATS_URL: natsEnvironment.NATS_URL.optional() };

const needsTls = (name: 'NATS_CA_FILE' | 'NATS_CERT_FILE') =>
  rule(
    nats,
    ['NATS_URL', name],
    name,
    'has no effect unless NATS_URL starts with tls://',
    (env) => env[name] === undefined || env.NATS_URL === undefined || isTls(env.NATS_URL),
  );
const isTls = (url: string) => url.startsWith('tls:');

/** The rules across the variables of `serviceEnvironment`. */
export const serviceRules = [
  rule(
    nats,
    ['NATS_USER', 'NATS_PASSWORD'],
    'NATS_USER',
    'NATS_PASSWORD requires it',
    (env) => env.NATS_PASSWORD === undefined || env.NATS_USER !== undefined,
  ),
  ...oneOf(nats, 'NATS_PASSWORD', 'NATS_CREDS_FILE', 'NATS_NKEY_SEED'),
  needsTls('NATS_CA_FILE'),
  needsTls('NATS_CERT_FILE'),
  ...together(nats, 'NATS_CERT_FILE', 'NATS_KEY_FILE'),
  rule(
    serviceEnvironment,
    ['DATABASE_URL', 'DATABASE_CA_FILE'],
    'DATABASE_CA_FILE',
    'has no effect with sslmode=disable in DATABASE_URL',
    (env) => env.DATABASE_CA_FILE === undefined || !forbidsTls(env.DATABASE_URL),
  ),
  z.overwrite<{ DATABASE_URL: string; DATABASE_CA_FILE?: string | undefined }>((env) => ({
    ...env,
    DATABASE_URL: withAuthority(env.DATABASE_URL, env.DATABASE_CA_FILE),
  })),
] as const;
