import type { SessionState } from '@latchkey/browser';
import { useEffect, useState, useSyncExternalStore } from 'react';
import { consoleSession } from './session.js';

export interface SessionView {
  readonly state: SessionState;
  /** Auth has given no usable answer yet. The session keeps trying. */
  readonly isFailing: boolean;
}

const subscribe = (listener: () => void) => consoleSession().subscribe(listener);
const read = () => consoleSession().state;

export function useSession(): SessionView {
  const state = useSyncExternalStore(subscribe, read);
  const [isFailing, setFailing] = useState(false);
  const isStarting = state.status === 'starting';
  useEffect(() => {
    if (!isStarting) return;
    let isCurrent = true;
    // The state says nothing of a failed start; a token does.
    consoleSession()
      .token()
      .catch(() => isCurrent && setFailing(true));
    return () => {
      isCurrent = false;
    };
  }, [isStarting]);
  return { state, isFailing: isStarting && isFailing };
}
