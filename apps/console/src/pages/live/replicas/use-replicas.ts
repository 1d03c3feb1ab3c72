import { useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import type { StackReport } from '@latchkey/contracts/live';
import { AUTH_URL } from '../../../system/auth-address.js';
import { ReplicaStore } from './replica-store.js';
import type { ReplicaAddress, ReplicaView } from './replica.js';

/** Auth serves this page, so that it is known in any case. */
const AUTH: ReplicaAddress = { name: 'auth', url: AUTH_URL.href.replace(/\/$/, '') };

/** The replicas of the stack, and those that were added by hand. None while the stack is not known. */
export function useAddresses(
  report: StackReport | undefined,
  added: readonly ReplicaAddress[],
  isLoading: boolean,
): readonly ReplicaAddress[] {
  const found = report?.replicas.map(({ name, url, sampleRoute: route }) => ({
    ...{ name, url },
    ...(route !== null && { route }),
  }));
  const key = JSON.stringify([...(found ?? (isLoading ? [] : [AUTH])), ...added]);
  // A report arrives every second; the streams must not be opened again each time.
  return useMemo(() => JSON.parse(key) as ReplicaAddress[], [key]);
}

/** Follows the live events of the replicas. */
export function useReplicas(addresses: readonly ReplicaAddress[]): {
  readonly store: ReplicaStore;
  readonly views: readonly ReplicaView[];
} {
  const [store] = useState(() => new ReplicaStore());
  useEffect(() => store.follow(addresses), [store, addresses]);
  return { store, views: useSyncExternalStore(store.subscribe, store.views) };
}
