import type { StackReplica } from '@latchkey/contracts/live';
import type { LatchkeyStack } from '../stack/latchkey-stack.js';
import {
  appOf,
  PROTECTED_ROUTES,
  type AnyReplicaName,
  type ServiceName,
} from '../stack/stack-replicas.js';

/**
 * The replicas of a stack, as the control server reports them.
 *
 * @param whenStaleOf what the replicas of a service were started with
 */
export function stackReplicas(
  stack: LatchkeyStack,
  whenStaleOf: (service: ServiceName) => StackReplica['whenStale'],
): StackReplica[] {
  return Object.values(stack.replicas).map((replica) => {
    const name = replica.name as AnyReplicaName;
    const service = appOf(name);
    const sampleRoute =
      name in PROTECTED_ROUTES ? PROTECTED_ROUTES[name as keyof typeof PROTECTED_ROUTES] : null;
    const { url, running } = replica;
    const whenStale = service === 'auth' ? null : whenStaleOf(service);
    return { name, service, url, running, sampleRoute, whenStale };
  });
}
