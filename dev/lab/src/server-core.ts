import { descendantsOf, pin, SERVER_CORE } from '@latchkey/load-generator';
import type { SharedParts } from './architectures/shared-parts.js';

/** With whatever is started from here on, but for a load generator, which takes a core of its own: start it after this. */
export function holdToOneCore(): void {
  for (const pid of [process.pid, ...descendantsOf(process.pid)]) pin(SERVER_CORE, pid);
}

/** The stack's own services, once users have ordered with them: they would take time from those that are measured. */
export async function stopStackServices({ stack }: SharedParts): Promise<void> {
  await Promise.all(stack.verifyingReplicas.map((replica) => replica.stop()));
}

/** The auth whose store is the Postgres, once users have their cookies from it: auth is one process then. */
export async function stopSecondAuth({ stack }: SharedParts): Promise<void> {
  await stack.replicas['auth-2']?.stop();
}
