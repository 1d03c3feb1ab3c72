import { call, textIn, type Answer } from '../calls/call.js';
import type { ReplicaAddress, Sighting } from '../replicas/replica.js';
import { hasArrived, positionIn, type Travel, type Trigger } from './travel.js';

/** A replica that has not rejected the token is asked again after this time. */
const ASK_AGAIN_MILLISECONDS = 400;
/** After this time the page says what the replicas do instead. Most log-outs arrive in a hundredth of it. */
const LATE_AFTER_MILLISECONDS = 3_000;

/** What a log-out needs in order to be watched. */
export interface WatchOptions {
  readonly number: number;
  readonly trigger: Trigger;
  readonly username: string;
  /** Those that verify tokens. */
  readonly replicas: readonly ReplicaAddress[];
  /** The token that the log-out ends. */
  readonly token: string;
  /** When that expires anyway, in milliseconds since 1970. */
  readonly expiresAt: number | undefined;
  /** Calls the listener for each sighting. @returns what ends that */
  readonly onSighting: (listener: (sighting: Sighting) => void) => () => void;
  readonly onChange: (travel: Travel) => void;
}

/**
 * Follows one log-out: as soon as a replica says that it has applied a revocation, it is called with the old token. That
 * may be before auth's answer has arrived, so the call itself shows whether it was this revocation.
 *
 * It goes on until every replica has rejected the token. A replica that is cut off may do so only when it is connected again.
 */
export class TravelWatch {
  #travel: Travel;
  #timers: ReturnType<typeof setTimeout>[] = [];
  #hasEnded = false;
  readonly #stopListening: () => void;
  readonly #asking = new Set<string>();
  #settle: () => void = () => undefined;
  /** Resolves when every replica has rejected the token, or is late to, or nobody watches any longer. */
  readonly settled = new Promise<void>((resolve) => (this.#settle = resolve));

  /** Starts the clock: create it first in the handler of the click. */
  constructor(private readonly options: WatchOptions) {
    const { number, trigger, username, replicas } = options;
    this.#travel = {
      ...{ number, trigger, username, clickedAt: performance.now() },
      ...{ replicas: replicas.map(({ name }) => name), sightings: [], refusals: {} },
      otherAnswers: {},
    };
    options.onChange(this.#travel);
    this.#stopListening = options.onSighting((sighting) => this.#sighted(sighting));
  }

  #sighted(sighting: Sighting): void {
    this.#change({ sightings: [...this.#travel.sightings, sighting] });
    const replica = this.options.replicas.find(({ name }) => name === sighting.replica);
    if (replica) this.#ask(replica).catch(reportError);
  }

  /** Call it with auth's answer. */
  answered({ status, headers, at }: Answer): void {
    const position = positionIn(headers);
    // Nobody can know yet of what is not published.
    this.#change({ answer: { status, at, position }, isLate: position === undefined });
    if (this.#hasEnded) return;
    this.#timers = [
      setInterval(() => this.#askAll(), ASK_AGAIN_MILLISECONDS),
      setTimeout(() => {
        this.#change({ isLate: true });
        this.#settle();
      }, LATE_AFTER_MILLISECONDS),
    ];
  }

  /** Call it when nobody looks at this log-out any longer. */
  stop(): void {
    this.#hasEnded = true;
    for (const timer of this.#timers) clearInterval(timer);
    this.#stopListening();
    this.#settle();
  }

  #askAll(): void {
    // An expired token is rejected anyway, so a rejection would prove nothing.
    if (Date.now() >= (this.options.expiresAt ?? Infinity)) this.stop();
    else for (const replica of this.options.replicas) this.#ask(replica).catch(reportError);
  }

  async #ask({ name, url, route }: ReplicaAddress): Promise<void> {
    const isKnown = this.#travel.refusals[name] !== undefined;
    if (route === undefined || isKnown || this.#asking.has(name)) return;
    this.#asking.add(name);
    const answer = await call(url + route, { token: this.options.token });
    this.#asking.delete(name);
    const { status, at } = answer;
    const { refusals, otherAnswers } = this.#travel;
    if (status === 401) this.#change({ refusals: { ...refusals, [name]: { status, at } } });
    else if (otherAnswers[name]?.status !== status)
      this.#change({
        otherAnswers: { ...otherAnswers, [name]: { status, code: textIn(answer, 'code') } },
      });
  }

  #change(change: Partial<Travel>): void {
    if (this.#hasEnded) return;
    this.#travel = { ...this.#travel, ...change };
    this.options.onChange(this.#travel);
    if (hasArrived(this.#travel)) this.stop();
  }
}
