import {
  call,
  PROTECTED_ROUTES,
  VERIFYING_REPLICAS,
  type Answer,
  type CallOptions,
  type LatchkeyStack,
} from '@latchkey/local-stack';
import type { Finding } from './demo-report.js';

/** A protected route of a replica. */
export interface Endpoint {
  readonly name: string;
  readonly url: string;
}

/** One protected route of each verifying replica. */
export function protectedRoutes({ replicas }: LatchkeyStack): Endpoint[] {
  return VERIFYING_REPLICAS.map((name) => ({
    name,
    url: replicas[name].url + PROTECTED_ROUTES[name],
  }));
}

/** Calls every service with the same credentials, and expects 200 from each. */
export async function acceptedEverywhere(
  endpoints: readonly Endpoint[],
  credentials: CallOptions,
  what: string,
): Promise<Finding> {
  const answers = await Promise.all(endpoints.map(({ url }) => call(url, credentials)));
  const refused = endpoints.filter((_, index) => answers[index]?.status !== 200);
  const held = refused.length === 0;
  return {
    held,
    status: statuses(answers),
    what: held ? what : `refused by ${refused.map(({ name }) => name).join(', ')}`,
    expected: `200 from every service: ${what}`,
  };
}

/** The distinct statuses. */
export function statuses(answers: readonly Answer[]): string {
  return [...new Set(answers.map(({ status }) => status))].join(',');
}
