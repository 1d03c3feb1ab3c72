import { useCallback, useRef, useState } from 'react';
import { ApiError } from './api-error.js';

/** An act that runs once at a time: a second click while it runs does nothing. */
export interface Act {
  readonly isRunning: boolean;
  /** Of the last run. */
  readonly error: ApiError | undefined;
  /** @returns whether the act was done; false also if one is running */
  readonly run: (work: () => Promise<void>) => Promise<boolean>;
  readonly forget: () => void;
}

/** Anything else is a mistake in this page, which the error boundary shows. */
export function shownOrThrown(failure: unknown): ApiError {
  if (failure instanceof ApiError) return failure;
  throw failure;
}

export function useAct(): Act {
  const [isRunning, setRunning] = useState(false);
  const [error, setError] = useState<ApiError>();
  // The state changes with the next rendering only, which a double click does not wait for.
  const isBusy = useRef(false);

  const run = useCallback(async (work: () => Promise<void>) => {
    if (isBusy.current) return false;
    isBusy.current = true;
    setRunning(true);
    setError(undefined);
    try {
      await work();
      return true;
    } catch (failure) {
      setError(() => shownOrThrown(failure));
      return false;
    } finally {
      isBusy.current = false;
      setRunning(false);
    }
  }, []);
  const forget = useCallback(() => setError(undefined), []);
  return { isRunning, error, run, forget };
}
