import { environment, loadConfig } from '@latchkey/service-kit';
import { verificationEnvironment } from '@latchkey/service-verification';
import { z } from 'zod';

export const Environment = z.object({
  ...environment.serviceEnvironment,
  ...verificationEnvironment,
  AUDIENCE: z.string().min(1).default('payments'),
});
export type Config = Readonly<z.infer<typeof Environment>>;

export const config = (): Config => loadConfig(Environment, process.env);
