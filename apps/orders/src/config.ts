import { authenticationEnvironment, authenticationRules } from '@latchkey/service-authentication';
import { environment, loadConfig, serviceRules } from '@latchkey/service-kit';
import { z } from 'zod';

export const Environment = z
  .object({
    ...environment.serviceEnvironment,
    ...authenticationEnvironment,
    AUDIENCE: environment.audience.default('orders'),
    INVENTORY_URL: environment.httpUrl,
    PAYMENTS_URL: environment.httpUrl,
    /**
     * How long one request has an order for itself; after a crash nobody can go on with it before.
     * Longer than the longest call, or no order could begin.
     */
    ORDER_LEASE_SECONDS: environment.seconds.min(5).default(15),
  })
  .check(...serviceRules, ...authenticationRules);
export type Config = Readonly<z.infer<typeof Environment>>;

export const config = (): Config => loadConfig(Environment, process.env);

/** Injects the {@link Config}. */
export const CONFIG = Symbol('ORDERS:CONFIG');
