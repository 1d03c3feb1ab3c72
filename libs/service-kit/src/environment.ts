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
  /** Where health, metrics and documentation are, if not on `PORT`: a proxy must not forward it. */
  MANAGEMENT_PORT: port.optional(),
  /** Longer than a proxy takes to notice, shorter than what stops the process waits for it. */
  SHUTDOWN_DRAIN_SECONDS: z.coerce.number().min(0).max(300).default(0),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  DATABASE_URL: databaseUrl,
  DATABASE_POOL_SIZE: z.coerce.number().int().min(1).max(100).default(10),
  NATS_URL: natsUrl,
  NATS_USER: z.string().min(1).optional(),
  NATS_PASSWORD: z.string().min(1).optional(),
  /** Exact `iss`: the auth service's public address, without a slash at its end. */
  ISSUER: httpUrl,
};

/** What {@link startService} needs of {@link serviceEnvironment}. */
export const listening = (env: {
  readonly HOST: string;
  readonly PORT: number;
  readonly MANAGEMENT_PORT?: number | undefined;
  readonly SHUTDOWN_DRAIN_SECONDS: number;
  readonly LOG_LEVEL: string;
}) => ({
  host: env.HOST,
  port: env.PORT,
  managementPort: env.MANAGEMENT_PORT,
  drainSeconds: env.SHUTDOWN_DRAIN_SECONDS,
  logLevel: env.LOG_LEVEL,
});
