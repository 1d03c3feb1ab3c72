import type { ServiceName, StackEnvironment } from '@latchkey/local-stack';

type WhenStale = 'accept' | 'refuse' | 'ask';

/** While a service is cut off: orders carry on as before, inventory asks auth about each token, payments answer 503. */
const CHOICES: Partial<Record<ServiceName, WhenStale>> = {
  orders: 'accept',
  inventory: 'ask',
  payments: 'refuse',
};

/** What a service of the demo does while its deny-list is stale. */
export const whenStaleOf = (service: string): WhenStale =>
  CHOICES[service as ServiceName] ?? 'accept';

/** The choices, as the environment of the stack. */
export const whenStaleEnvironment = (services: readonly ServiceName[]): StackEnvironment =>
  Object.fromEntries(services.map((name) => [name, { WHEN_STALE: whenStaleOf(name) }]));
