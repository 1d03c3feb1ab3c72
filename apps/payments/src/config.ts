import { authenticationEnvironment, authenticationRules } from '@latchkey/service-authentication';
import { environment, loadConfig, serviceRules } from '@latchkey/service-kit';
import { z } from 'zod';

export const Environment = z
  .object({
    ...environment.serviceEnvironment,
    ...authenticationEnvironment,
    AUDIENCE: environment.audience.default('payments'),
  })
  .check(...serviceRules, ...authenticationRules);
export type Config = Readonly<z.infer<typeof Environment>>;

export const config = (): Config => loadConfig(Environment, process.env);
