import { startTransition, useCallback, useRef, useState } from 'react';
import { auth, type Account } from '../calls/auth-calls.js';
import { textIn, type Answer } from '../calls/call.js';
import type { ReplicaStore } from '../replicas/replica-store.js';
import type { ReplicaAddress } from '../replicas/replica.js';
import { withTravel, type Travel, type Trigger } from './travel.js';
import { TravelWatch } from './travel-watch.js';

/** The log-outs that were watched, and how to watch one. */
export interface Travels {
  /** The newest one, which may still travel. */
  readonly current: Travel | undefined;
  /** Those that auth has answered, the oldest first. */
  readonly past: readonly Travel[];
  /**
   * Watches how a request travels that ends a token.
   * @param request sends it
   * @returns the answer if it was not successful, else undefined
   */
  readonly watch: (
    subject: WatchedToken,
    request: () => Promise<Answer>,
  ) => Promise<Answer | undefined>;
  /** Forgets the newest one, because somebody logs in. */
  readonly clear: () => void;
}

/** The token that a request ends. */
export interface WatchedToken {
  readonly trigger: Trigger;
  readonly username: string;
  readonly token: string;
}

/** Watches log-outs at these replicas. */
export function useTravels(store: ReplicaStore, replicas: readonly ReplicaAddress[]): Travels {
  const [current, setCurrent] = useState<Travel>();
  const [past, setPast] = useState<readonly Travel[]>([]);
  const count = useRef(0);
  const watch = useCallback<Travels['watch']>(
    async (subject, request) => {
      const onChange = (travel: Travel) => {
        // Drawing must not delay what is measured.
        startTransition(() => {
          setCurrent((known) => (known && known.number > travel.number ? known : travel));
          if (travel.answer) setPast((known) => withTravel(known, travel));
        });
      };
      const verifying = replicas.filter(({ route }) => route !== undefined);
      const watched = { ...subject, number: ++count.current, replicas: verifying, onChange };
      const travelWatch = new TravelWatch(watched);
      const stop = store.onSighting((sighting) => travelWatch.sighted(sighting));
      try {
        const answer = await request();
        if (answer.status >= 200 && answer.status < 300) await travelWatch.answered(answer);
        else setCurrent(undefined);
        return answer.status >= 200 && answer.status < 300 ? undefined : answer;
      } finally {
        stop();
      }
    },
    [store, replicas],
  );
  const clear = useCallback(() => setCurrent(undefined), []);
  return { current, past, watch, clear };
}

/** Logs in and out again, several times. @returns the first answer that was not successful */
export async function repeatLogOuts(
  account: Account,
  times: number,
  watch: Travels['watch'],
  onProgress: (done: number) => void,
): Promise<Answer | undefined> {
  for (let done = 0; done < times; done++) {
    onProgress(done);
    const loggedIn = await auth.logIn(account);
    const token = textIn(loggedIn, 'access_token');
    if (token === undefined) return loggedIn;
    const subject = { trigger: 'log_out', username: account.username, token } as const;
    const failed = await watch(subject, () => auth.logOut(token, false));
    if (failed) return failed;
  }
  return undefined;
}
