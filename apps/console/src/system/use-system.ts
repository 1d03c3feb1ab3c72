import { useCallback, useEffect, useRef, useState } from 'react';
import { Paced } from '../time/paced.js';
import { pause } from '../time/pause.js';
import { retryDelay } from '../time/retry-delay.js';
import { loadSystem, loadSystemKeys, type System } from './system.js';

const REFETCH_MILLISECONDS = 2_000;

export interface KnownSystem {
  /** Undefined while it is not known, and if there is none. */
  readonly system: System | undefined;
  /** Nothing has given a usable answer yet. It is asked again until something does. */
  readonly isLoading: boolean;
  /** Fetches the keys again, within two seconds, but not more often than that. */
  readonly refetchKeys: () => void;
}

/** Finds the system that serves the page, with its keys. */
export function useSystem(): KnownSystem {
  const [system, setSystem] = useState<System>();
  const [isLoading, setLoading] = useState(true);
  const refetching = useRef<Paced>(undefined);

  useEffect(() => {
    const stopping = new AbortController();
    const paced = (refetching.current = new Paced(REFETCH_MILLISECONDS, () => {
      loadSystemKeys().then(
        (keys) => setSystem((known) => known && { ...known, keys }),
        () => paced.request(), // The keys that are known stay.
      );
    }));
    keepLoading(stopping.signal)
      .then((found) => {
        if (stopping.signal.aborted) return;
        paced.noteRun();
        setSystem(found);
        setLoading(false);
      })
      .catch(reportError);
    return () => {
      stopping.abort();
      paced.stop();
    };
  }, []);

  const refetchKeys = useCallback(() => refetching.current?.request(), []);
  return { system, isLoading, refetchKeys };
}

/** Asks until there is an answer. One failure does not mean that there is no system. */
async function keepLoading(signal: AbortSignal): Promise<System | undefined> {
  for (let attempt = 0; !signal.aborted; attempt++) {
    try {
      return await loadSystem();
    } catch {
      await pause(retryDelay(attempt), signal);
    }
  }
  return undefined;
}
