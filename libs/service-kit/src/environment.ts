import { z } from 'zod';

export const url = (description: string, ...protocols: string[]) =>
  z.string().refine((text) => {
    const parsed = URL.canParse(text) ? new URL(text) : undefined;
    return parsed !== undefined && protocols.includes(parsed.protocol);
  }, `must be ${description}`);

/** The pieces that environments of Latchkey's services are made of. Times are in seconds. */
export const port = z.coerce.number().int().min(0).max(65_535);
export const seconds = z.coerce
  .number()
  .positive()
  .max(10 * 365 * 86_400);
export const flag = z.enum(['true', 'false']).transform((text) => text === 'true');
export const httpUrl = url('an http or https URL', 'http:', 'https:').transform((text) =>
  text.replace(/\/+$/, ''),
);
export const databaseUrl = url(
  'a URL such as postgres://user:password@host:5432/database',
  'postgres:',
  'postgresql:',
);
export const natsUrl = z
  .string()
  .refine(
    (text) => text.split(',').every((one) => /^(nats|tls):\/\/[^\s/]+$/.test(one)),
    'must be one or more URLs such as nats://host:4222, with commas between',
  );

/** What every service of Latchkey reads. */
export const serviceEnvironment = {
  HOST: z.string().min(1).default('127.0.0.1'),
  PORT: port,
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  DATABASE_URL: databaseUrl,
  // Two at least: one holds the lock under which migrations run on another.
  DATABASE_POOL_SIZE: z.coerce.number().int().min(2).max(100).default(10),
  NATS_URL: natsUrl,
  NATS_USER: z.string().min(1).optional(),
  NATS_PASSWORD: z.string().min(1).optional(),
  /** Exact `iss`: the auth service's public address, without a slash at its end. */
  ISSUER: httpUrl,
};
