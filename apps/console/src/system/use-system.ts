import { useCallback, useEffect, useRef, useState } from 'react';
import { loadSystem, loadSystemKeys, type System } from './system.js';

const REFETCH_MILLISECONDS = 5_000;

export interface KnownSystem {
  /** Undefined while it is not known, and if there is none. */
  readonly system: System | undefined;
  readonly isLoading: boolean;
  /** Fetches the keys again, but not more often than every few seconds. */
  readonly refetchKeys: () => void;
}

/** Finds the system that serves the page, with its keys. */
export function useSystem(): KnownSystem {
  const [system, setSystem] = useState<System>();
  const [isLoading, setLoading] = useState(true);
  const fetchedAt = useRef(0);

  useEffect(() => {
    let isCurrent = true;
    fetchedAt.current = performance.now();
    loadSystem()
      // A server that is not ours may answer with anything, or not at all: then there is no system.
      .catch(() => undefined)
      .then((found) => {
        if (!isCurrent) return;
        setSystem(found);
        setLoading(false);
      })
      .catch(reportError);
    return () => {
      isCurrent = false;
    };
  }, []);

  const refetchKeys = useCallback(() => {
    if (performance.now() - fetchedAt.current < REFETCH_MILLISECONDS) return;
    fetchedAt.current = performance.now();
    loadSystemKeys().then(
      (keys) => setSystem((known) => known && { ...known, keys }),
      // The keys that are known stay; the next unknown key tries again.
      () => undefined,
    );
  }, []);

  return { system, isLoading, refetchKeys };
}
