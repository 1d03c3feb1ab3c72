import { useCallback, useEffect, useRef, useState } from 'react';
import type { ApiError } from './api-error.js';
import { shownOrThrown } from './use-act.js';

/** Something of auth, as it was when it was last read. */
export interface Loaded<Value> {
  readonly value: Value | undefined;
  readonly error: ApiError | undefined;
  readonly isLoading: boolean;
  /** Reads it again. Until then, what is known stays in sight. Resolves also after a failure, which `error` says. */
  readonly reload: () => Promise<void>;
}

/** Loads when the page opens and when `load` changes, which must be memoized. */
export function useLoaded<Value>(load: (signal: AbortSignal) => Promise<Value>): Loaded<Value> {
  const [value, setValue] = useState<Value>();
  const [error, setError] = useState<ApiError>();
  const [isLoading, setLoading] = useState(true);
  const running = useRef<AbortController>(undefined);

  const reload = useCallback(async () => {
    running.current?.abort();
    const { signal } = (running.current = new AbortController());
    setLoading(true);
    try {
      const loaded = await load(signal);
      if (signal.aborted) return;
      setValue(loaded);
      setError(undefined);
    } catch (failure) {
      if (signal.aborted) return;
      setError(() => shownOrThrown(failure));
    }
    setLoading(false);
  }, [load]);

  useEffect(() => {
    void reload();
    return () => running.current?.abort();
  }, [reload]);

  return { value, error, isLoading, reload };
}
