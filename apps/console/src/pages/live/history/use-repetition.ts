import type { StackReport } from '@latchkey/contracts/live';
import { useState } from 'react';
import { live } from '../../../texts/live.js';
import { failureOf } from '../calls/failure.js';
import { repeatLogOuts, type Travels } from '../travel/use-travels.js';
import { REPETITIONS } from './repetitions.js';

/** Log-ins and log-outs of a demo user, again and again. */
export interface Repetition {
  readonly username: string;
  /** How many are done; undefined unless it is going on. */
  readonly done: number | undefined;
  /** Why it stopped early. */
  readonly failure: string | undefined;
  readonly start: () => void;
}

/** Logs a demo user in and out again and again, so that the plot has something to show. */
export function useRepetition(
  report: StackReport | undefined,
  { watch, clear }: Travels,
  isLoggedIn: boolean,
): Repetition | undefined {
  const [done, setDone] = useState<number>();
  const [failure, setFailure] = useState<string>();
  const user = report?.users.find(({ isAdministrator }) => !isAdministrator);
  if (!user) return undefined;
  const start = () => {
    setFailure(undefined);
    repeatLogOuts(user, REPETITIONS, watch, setDone)
      .then((failed) => failed && setFailure(failureOf(failed, live.history.stopped)))
      .finally(() => {
        setDone(undefined);
        // The cards go back to the session of this page, which was another one.
        if (isLoggedIn) clear();
      })
      .catch(reportError);
  };
  return { username: user.username, done, failure, start };
}
