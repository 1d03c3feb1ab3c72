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

/** Services that take no tokens need no NATS. */
const nats = { ...natsEnvironment, NATS_URL: natsEnvironment.NATS_URL.optional() };

const needsTls = (name: 'NATS_CA_FILE' | 'NATS_CERT_FILE') =>
  rule(
    nats,
    ['NATS_URL', name],
    name,
    'is of use with tls:// in NATS_URL only',
    (env) => env[name] === undefined || env.NATS_URL === undefined || isTls(env.NATS_URL),
  );
const isTls = (url: string) => url.startsWith('tls:');

/** What no variable of `serviceEnvironment` can tell by itself. */
export const serviceRules = [
  rule(
    nats,
    ['NATS_USER', 'NATS_PASSWORD'],
    'NATS_USER',
    'goes together with NATS_PASSWORD',
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
    'contradicts sslmode=disable in DATABASE_URL',
    (env) => env.DATABASE_CA_FILE === undefined || !forbidsTls(env.DATABASE_URL),
  ),
  z.overwrite<{ DATABASE_URL: string; DATABASE_CA_FILE?: string | undefined }>((env) => ({
    ...env,
    DATABASE_URL: withAuthority(env.DATABASE_URL, env.DATABASE_CA_FILE),
  })),
] as const;
