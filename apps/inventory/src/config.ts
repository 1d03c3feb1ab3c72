import { authenticationEnvironment, authenticationRules } from '@latchkey/service-authentication';
import { environment, loadConfig, serviceRules } from '@latchkey/service-kit';
import { z } from 'zod';

export const Environment = z
  .object({
    ...environment.serviceEnvironment,
    ...authenticationEnvironment,
    AUDIENCE: environment.audience.default('inventory'),
    /** How long stock is held for an order that is not finished. */
    RESERVATION_SECONDS: environment.seconds.default(120),
    /** How often to look for expired reservations. */
    EXPIRY_SWEEP_SECONDS: environment.seconds.default(5),
  })
  .check(...serviceRules, ...authenticationRules);
export type Config = Readonly<z.infer<typeof Environment>>;

export const config = (): Config => loadConfig(Environment, process.env);

/** Injects the service's {@link Config}. */
export const CONFIG = Symbol('INVENTORY:CONFIG');
