import { descendantsOf, pin, SERVER_CORE } from '@latchkey/load-generator';
import type { SharedParts } from './architectures/shared-parts.js';

/**
 * Holds this process, its descendants and everything started later to the server core. Load generators
 * pin themselves to another core; start them after this call.
 */
export function holdToOneCore(): void {
  for (const pid of [process.pid, ...descendantsOf(process.pid)]) pin(SERVER_CORE, pid);
}

/** Stops the stack's own services, which would compete with the measured ones; users have placed their orders by then. */
export async function stopStackServices({ stack }: SharedParts): Promise<void> {
  await Promise.all(stack.verifyingReplicas.map((replica) => replica.stop()));
}

/** Stops the auth replica with the Postgres store, once users have their cookies: only one auth is measured. */
export async function stopSecondAuth({ stack }: SharedParts): Promise<void> {
  await stack.replicas['auth-2']?.stop();
}
