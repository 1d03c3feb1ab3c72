import { useCallback, useState } from 'react';
import type { Answer } from './calls/call.js';
import { failureOf } from './calls/failure.js';

/** What the page says about the last action. */
export interface Notice {
  readonly tone: 'good' | 'bad';
  readonly text: string;
}

/** Runs actions, and says what has failed. */
export interface Running {
  readonly busy: string | undefined;
  readonly notice: Notice | undefined;
  readonly setNotice: (notice: Notice) => void;
  /**
   * @param name of the action, while it runs
   * @param what the beginning of the sentence about a failure
   * @param action returns an answer that was not successful, or undefined
   */
  readonly run: (name: string, what: string, action: () => Promise<Answer | undefined>) => void;
}

/** Keeps what is being done, and how it went. */
export function useRun(): Running {
  const [busy, setBusy] = useState<string>();
  const [notice, setNotice] = useState<Notice>();
  const run = useCallback<Running['run']>((name, what, action) => {
    setBusy(name);
    setNotice(undefined);
    action()
      .then((failed) => failed && setNotice({ tone: 'bad', text: failureOf(failed, what) }))
      .finally(() => setBusy(undefined))
      .catch(reportError);
  }, []);
  return { busy, notice, setNotice, run };
}
