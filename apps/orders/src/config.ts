import {
  authenticationEnvironment,
  authenticationRules,
  WITH_CREDENTIALS,
} from '@latchkey/service-authentication';
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
     * How long a request holds the lease on an order. If it crashes, no other request can continue the order before
     * the lease ends. Must be longer than the longest call to another service.
     */
    ORDER_LEASE_SECONDS: environment.seconds.min(5).default(15),
    /** How long nobody must have worked on an order before it is finished without its user. */
    SETTLE_AFTER_SECONDS: environment.seconds.default(900),
    /** How often to look for orders that were never charged, and that nobody has worked on for that long. */
    ABANDONED_SWEEP_SECONDS: environment.seconds.default(60),
  })
  .check(
    ...serviceRules,
    ...authenticationRules,
    environment.rule(
      authenticationEnvironment,
      ['CLIENT_ID'],
      'CLIENT_ID',
      `${WITH_CREDENTIALS} to get tokens for inventory and payments`,
      (env) => env.CLIENT_ID !== undefined,
    ),
  );
export type Config = Readonly<z.infer<typeof Environment>>;

export const config = (): Config => loadConfig(Environment, process.env);

/** Injects the service's {@link Config}. */
export const CONFIG = Symbol('ORDERS:CONFIG');
