import { useState } from 'react';
import { useChain } from './chain/use-chain.js';
import { useRepetition } from './history/use-repetition.js';
import { isTroubled } from './outage/trouble-text.js';
import { useProbes } from './outage/use-probes.js';
import type { ReplicaAddress } from './replicas/replica.js';
import { useAddresses, useReplicas } from './replicas/use-replicas.js';
import { useSession } from './session/use-session.js';
import { useTravels } from './travel/use-travels.js';
import { useActions } from './use-actions.js';
import { useStack } from './use-stack.js';

/** Everything that the live view knows and does. */
export function useLive() {
  const stack = useStack();
  const { control, report } = stack;
  const isLoading = control !== undefined && report === undefined && stack.failure === undefined;
  const [added, setAdded] = useState<readonly ReplicaAddress[]>([]);
  const addresses = useAddresses(report, added, isLoading);
  const { store, views } = useReplicas(addresses);
  const controls = useSession();
  const { session } = controls;
  /** While nobody has ended it. */
  const current = session?.hasEnded === false ? session : undefined;
  const travels = useTravels(store, addresses);
  const actions = useActions(controls, travels);
  const chain = useChain(stack, session);
  const repetition = useRepetition(report, travels, current !== undefined);
  const isBroken = report?.parts.some(({ state }) => state !== 'working') === true;
  const probes = useProbes(addresses, current, isBroken || views.some(isTroubled));
  return {
    ...{ stack, isLoading, addresses, views, session, travels, actions, chain, repetition, probes },
    isLoggedIn: current !== undefined,
    add: (address: ReplicaAddress) => setAdded([...added, address]),
  };
}

/** What {@link useLive} gives to the parts of the page. */
export type Live = ReturnType<typeof useLive>;
