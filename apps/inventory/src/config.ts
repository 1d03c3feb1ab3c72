import {
  authenticationEnvironment,
  authenticationRules,
  WITH_CREDENTIALS,
} from '@latchkey/service-authentication';
import { environment, loadConfig, serviceRules } from '@latchkey/service-kit';
import { z } from 'zod';

const reconciling = {
  /** The service to compare reservations with. Without it, nothing is reconciled. */
  ORDERS_URL: environment.httpUrl.optional(),
  /** How long after its expiry a reservation is compared with its order, and how long between two comparisons. */
  RECONCILE_AFTER_SECONDS: environment.seconds.default(3_600),
  /** How often to look for reservations to compare. */
  RECONCILE_EVERY_SECONDS: environment.seconds.default(86_400),
};

export const Environment = z
  .object({
    ...environment.serviceEnvironment,
    ...authenticationEnvironment,
    AUDIENCE: environment.audience.default('inventory'),
    /** How long stock is held for an order that is not finished. */
    RESERVATION_SECONDS: environment.seconds.default(120),
    /** How often to look for expired reservations. */
    EXPIRY_SWEEP_SECONDS: environment.seconds.default(5),
    ...reconciling,
  })
  .check(
    ...serviceRules,
    ...authenticationRules,
    environment.rule(
      { ...authenticationEnvironment, ...reconciling },
      ['ORDERS_URL', 'CLIENT_ID'],
      'CLIENT_ID',
      `${WITH_CREDENTIALS} to get tokens for the service at ORDERS_URL`,
      (env) => env.ORDERS_URL === undefined || env.CLIENT_ID !== undefined,
    ),
  );
export type Config = Readonly<z.infer<typeof Environment>>;

export const config = (): Config => loadConfig(Environment, process.env);

/** Injects the service's {@link Config}. */
export const CONFIG = Symbol('INVENTORY:CONFIG');
