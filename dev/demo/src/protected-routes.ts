import type { LatchkeyStack } from '@latchkey/local-stack';
import { send, type Answer, type Request } from './timed-request.js';
import type { Finding } from './tour-report.js';

const ROUTES: Record<string, string> = {
  'orders-1': '/orders',
  'orders-2': '/orders',
  inventory: '/products',
  payments: '/payments',
};

/** Where a service answers those whom it knows. */
export interface Endpoint {
  readonly name: string;
  readonly url: string;
}

/** One protected route of each verifying replica. */
export function protectedRoutes({ verifyingReplicas }: LatchkeyStack): Endpoint[] {
  return verifyingReplicas.map(({ name, url }) => ({ name, url: url + ROUTES[name] }));
}

/** Asks every service with the same credentials. */
export async function acceptedEverywhere(
  endpoints: readonly Endpoint[],
  request: Request,
  what: string,
): Promise<Finding> {
  const answers = await Promise.all(endpoints.map(({ url }) => send(url, request)));
  const refused = endpoints.filter((_, index) => answers[index]?.status !== 200);
  const held = refused.length === 0;
  return {
    held,
    status: statuses(answers),
    what: held ? what : `refused by ${refused.map(({ name }) => name).join(', ')}`,
    expected: `200 from every service: ${what}`,
  };
}

/** Each status once. */
export function statuses(answers: readonly Answer[]): string {
  return [...new Set(answers.map(({ status }) => status))].join(',');
}
