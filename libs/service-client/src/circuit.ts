import {
  BrokenCircuitError,
  circuitBreaker,
  CircuitState,
  ConsecutiveBreaker,
  ExponentialBackoff,
  handleWhen,
  type CircuitBreakerPolicy,
  type IBackoff,
} from 'cockatiel';
import type { Deadline } from './deadline.js';
import { ServiceUnavailableError, type UnavailableReason } from './errors.js';

/** When a failing service is no longer called. */
export interface CircuitOptions {
  /** The number of consecutive failures that opens the circuit. Default: 5. */
  readonly failures?: number;
  /** How long it stays open at first; each failed attempt to close it doubles that. Default: 1,000. */
  readonly pauseMilliseconds?: number;
  /** The longest pause. Default: 30,000. */
  readonly maxPauseMilliseconds?: number;
}

/** `open` refuses every call; `half_open` lets one through, which decides. */
export type CircuitReport = 'closed' | 'open' | 'half_open';

/** Failures of the service, as opposed to those of the caller. */
const COUNTED: ReadonlySet<UnavailableReason> = new Set([
  'unreachable',
  'deadline',
  'server_error',
]);

const STATES: Readonly<Record<CircuitState, CircuitReport>> = {
  [CircuitState.Closed]: 'closed',
  [CircuitState.HalfOpen]: 'half_open',
  [CircuitState.Open]: 'open',
  [CircuitState.Isolated]: 'open',
};

/** Stops calling a service that fails, so that its callers fail fast and it can recover. */
export class Circuit {
  readonly #policy: CircuitBreakerPolicy;

  constructor(
    private readonly service: string,
    { failures = 5, pauseMilliseconds = 1_000, maxPauseMilliseconds = 30_000 }: CircuitOptions = {},
  ) {
    const pauses = new ExponentialBackoff({
      initialDelay: pauseMilliseconds,
      maxDelay: Math.max(pauseMilliseconds, maxPauseMilliseconds),
    });
    this.#policy = circuitBreaker(
      handleWhen((error) => this.#counts(error)),
      {
        breaker: new ConsecutiveBreaker(failures),
        halfOpenAfter: { next: () => monotonic(pauses.next().next(undefined)) },
      },
    );
  }

  /** The state, for health checks and metrics. */
  get state(): CircuitReport {
    return STATES[this.#policy.state];
  }

  /**
   * Does the work, unless the circuit is open.
   *
   * @throws ServiceUnavailableError `circuit_open`, or the error of the work
   */
  async run<Result>(deadline: Deadline, work: () => Promise<Result>): Promise<Result> {
    try {
      return await this.#policy.execute(() => {
        // A call that waited too long for another one to try the service has not tried it.
        if (deadline.signal.aborted) throw new ServiceUnavailableError(this.service, 'aborted');
        return work();
      });
    } catch (error) {
      if (!(error instanceof BrokenCircuitError)) throw error;
      throw new ServiceUnavailableError(this.service, 'circuit_open');
    }
  }

  /** An attempt that its caller gave up shows nothing, so it must not close the circuit. */
  #counts(error: unknown): boolean {
    if (!(error instanceof ServiceUnavailableError)) return false;
    const isTest = this.#policy.state === CircuitState.HalfOpen;
    return COUNTED.has(error.reason) || (isTest && error.reason === 'aborted');
  }
}

/**
 * A pause that a change of the clock neither ends nor extends. The policy compares `duration` with the time
 * that has passed by `Date.now()`.
 */
function monotonic(pause: IBackoff<unknown>): IBackoff<unknown> {
  const endsAt = performance.now() + pause.duration;
  return {
    get duration() {
      return performance.now() < endsAt ? Infinity : -Infinity;
    },
    next: (context) => monotonic(pause.next(context)),
  };
}
