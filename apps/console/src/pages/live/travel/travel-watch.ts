import { call, textIn, type Answer } from '../calls/call.js';
import type { ReplicaAddress, Sighting } from '../replicas/replica.js';
import { hasArrived, positionIn, type Travel, type Trigger } from './travel.js';

/** A replica whose events are lost is asked again after this time. */
const ASK_AGAIN_MILLISECONDS = 400;
/** A replica that is cut off and accepts may accept the token for as long as it lives. */
const GIVE_UP_MILLISECONDS = 15_000;

/** What a log-out needs in order to be watched. */
export interface WatchOptions {
  readonly number: number;
  readonly trigger: Trigger;
  readonly username: string;
  /** Those that verify tokens. */
  readonly replicas: readonly ReplicaAddress[];
  /** The token that the log-out ends. */
  readonly token: string;
  readonly onChange: (travel: Travel) => void;
}

/**
 * Follows one log-out: as soon as a replica says that it has applied a revocation, it is called with the old token. That
 * may be before auth's answer has arrived, so the call itself shows whether it was this revocation.
 */
export class TravelWatch {
  #travel: Travel;
  readonly #asking = new Set<string>();
  #finish: () => void = () => undefined;
  readonly #finished = new Promise<void>((resolve) => (this.#finish = resolve));

  /** Starts the clock: create it first in the handler of the click. */
  constructor(private readonly options: WatchOptions) {
    const { number, trigger, username, replicas } = options;
    this.#travel = {
      ...{ number, trigger, username, clickedAt: performance.now() },
      ...{ replicas: replicas.map(({ name }) => name), sightings: [], refusals: {} },
      otherAnswers: {},
    };
    options.onChange(this.#travel);
  }

  /** Call it for every sighting after the click. */
  sighted(sighting: Sighting): void {
    this.#change({ sightings: [...this.#travel.sightings, sighting] });
    const replica = this.options.replicas.find(({ name }) => name === sighting.replica);
    if (replica) this.#ask(replica).catch(reportError);
  }

  /** Call it with auth's answer. Resolves when every replica has rejected the token, or it is too late. */
  async answered({ status, headers, at }: Answer): Promise<void> {
    this.#change({ answer: { status, at, position: positionIn(headers) } });
    const asking = setInterval(() => {
      for (const replica of this.options.replicas) this.#ask(replica).catch(reportError);
    }, ASK_AGAIN_MILLISECONDS);
    const tooLate = setTimeout(this.#finish, GIVE_UP_MILLISECONDS);
    await this.#finished;
    this.#change({ isOver: true });
    clearInterval(asking);
    clearTimeout(tooLate);
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
    this.#travel = { ...this.#travel, ...change };
    this.options.onChange(this.#travel);
    if (hasArrived(this.#travel)) this.#finish();
  }
}
