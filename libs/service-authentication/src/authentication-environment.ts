import { environment } from '@latchkey/service-kit';
import { sessionEnvironment } from '@latchkey/service-sessions';
import { checkVerification, verificationEnvironment } from '@latchkey/service-verification';
import { z } from 'zod';

/** Which of the two architectures protects a service. */
export const AuthMode = z.enum(['jwt', 'session', 'both']);
export type AuthMode = z.infer<typeof AuthMode>;

/** What every service reads that somebody calls, beside `serviceEnvironment`. */
export const authenticationEnvironment = {
  ...verificationEnvironment,
  ...sessionEnvironment,
  /** `jwt`: access tokens; `session`: session cookies; `both`: either, request by request. */
  AUTH_MODE: AuthMode.default('jwt'),
  /** Needed unless `AUTH_MODE` is `session`, as is the next one. */
  NATS_URL: environment.natsUrl.optional(),
  WHEN_STALE: verificationEnvironment.WHEN_STALE.optional(),
};

type Authentication = z.infer<z.ZodObject<typeof authenticationEnvironment>>;

/** What no variable can tell by itself: for `superRefine`. */
export function checkAuthentication(env: Authentication, context: z.RefinementCtx): void {
  const needs = (variable: keyof Authentication, mode: string) => {
    if (env[variable] !== undefined) return;
    const message = `is needed where AUTH_MODE is ${mode}`;
    context.addIssue({ code: 'custom', path: [variable], message });
  };
  if (env.AUTH_MODE !== 'jwt') needs('SESSION_STORE_URL', 'session or both');
  if (env.AUTH_MODE === 'session') {
    const message = 'is of no use where AUTH_MODE is session';
    if (env.ACCESS_TOKEN_COOKIE)
      context.addIssue({ code: 'custom', path: ['ACCESS_TOKEN_COOKIE'], message });
    return;
  }
  needs('NATS_URL', 'jwt or both');
  needs('WHEN_STALE', 'jwt or both');
  const { WHEN_STALE } = env;
  if (WHEN_STALE !== undefined) checkVerification({ ...env, WHEN_STALE }, context);
}
