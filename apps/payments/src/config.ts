import { environment, loadConfig } from '@latchkey/service-kit';
import { checkVerification, verificationEnvironment } from '@latchkey/service-verification';
import { z } from 'zod';

export const Environment = z
  .object({
    ...environment.serviceEnvironment,
    ...verificationEnvironment,
    AUDIENCE: z.string().min(1).default('payments'),
  })
  .superRefine(checkVerification);
export type Config = Readonly<z.infer<typeof Environment>>;

export const config = (): Config => loadConfig(Environment, process.env);
