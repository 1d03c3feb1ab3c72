import { startTransition, useCallback, useEffect, useRef, useState } from 'react';
import { auth, type Account } from '../calls/auth-calls.js';
import { textIn, type Answer } from '../calls/call.js';
import { shownClaims } from '../session/claims.js';
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
   */
  readonly watch: (subject: WatchedToken, request: () => Promise<Answer>) => Promise<Watched>;
  /** Forgets the newest one, because somebody logs in. */
  readonly clear: () => void;
}

/** The token that a request ends. */
export interface WatchedToken {
  readonly trigger: Trigger;
  readonly username: string;
  readonly token: string;
}

/** A request that ends a token, once auth has answered. */
export interface Watched {
  /** The answer, if it was not successful. */
  readonly failed: Answer | undefined;
  /** Resolves when every replica has rejected the token, or is late to. */
  readonly settled: Promise<void>;
}

/** Watches log-outs at these replicas, one at a time. */
export function useTravels(store: ReplicaStore, replicas: readonly ReplicaAddress[]): Travels {
  const [current, setCurrent] = useState<Travel>();
  const [past, setPast] = useState<readonly Travel[]>([]);
  const count = useRef(0);
  const watching = useRef<TravelWatch>(undefined);
  const stop = useCallback(() => watching.current?.stop(), []);
  useEffect(() => stop, [stop]);
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
      const { expiresAt } = shownClaims(subject.token);
      stop();
      const travelWatch = new TravelWatch({
        ...{ ...subject, number: ++count.current, replicas: verifying, expiresAt, onChange },
        onSighting: (listener) => store.onSighting(listener),
      });
      watching.current = travelWatch;
      const answer = await request();
      const failed = answer.status >= 200 && answer.status < 300 ? undefined : answer;
      if (failed) {
        travelWatch.stop();
        setCurrent(undefined);
      } else travelWatch.answered(answer);
      return { failed, settled: travelWatch.settled };
    },
    [store, replicas, stop],
  );
  const clear = useCallback(() => {
    stop();
    setCurrent(undefined);
  }, [stop]);
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
    const { failed, settled } = await watch(subject, () => auth.logOut(token, false));
    if (failed) return failed;
    await settled;
  }
  return undefined;
}
