import { describeError, formatWarning, WarningLog, type Warning } from '@latchkey/contracts';
import type { ClockComparison } from '@latchkey/deny-list';
import type { FeedEvent } from './feed-options.js';

/** What to check, by the name of the NATS client's error. */
const ADVICE: Readonly<Record<string, string>> = {
  AuthorizationError: 'Check the user and the password of this service in NATS.',
  UserAuthenticationExpiredError:
    'The NATS credentials of this service have expired; issue new ones.',
  PermissionViolationError:
    'Check the permissions of this user in NATS; deploy/nats.conf has an example.',
  ConnectionError: 'Check that NATS is running, and its address.',
};
const DEFAULT_ADVICE = 'The feed keeps trying.';

/** Reports what keeps a feed from working and what to check, each reason once in ten seconds. */
export class FeedWarnings {
  readonly #log: WarningLog;

  /** @param write must not throw; by default `process.emitWarning` */
  constructor(write: (warning: Warning) => void = warn) {
    this.#log = new WarningLog(write);
  }

  /** Use it as `onEvent`, or call it from there. */
  readonly note = (event: FeedEvent): void => {
    if (event.type === 'warning') this.#noteCause(event.cause);
    if (event.type === 'refused')
      this.#log.warn('event_refused', `Ignored a message of the revocation feed: ${event.reason}.`);
    if (event.type === 'clock' && (event.behind || event.ahead)) this.#noteClock(event);
  };

  #noteCause(cause: unknown): void {
    const name = cause instanceof Error ? cause.name : 'Error';
    const reason = Object.hasOwn(ADVICE, name) ? name : 'feed';
    this.#log.warn(
      reason,
      `Cannot receive revocations from NATS: ${describeError(cause)}. ${ADVICE[name] ?? DEFAULT_ADVICE}`,
    );
  }

  #noteClock(clock: ClockComparison): void {
    const effect = clock.behind
      ? 'new tokens are not valid here yet'
      : 'tokens expire here too early';
    this.#log.warn(
      'clock',
      `${describe(clock)} Synchronize the clocks (NTP): ${effect}, and the deny-list is stale.`,
    );
  }
}

function describe({ offsetSeconds, behind, ownFault }: ClockComparison): string {
  const seconds = `${Math.abs(offsetSeconds).toFixed(1)} s`;
  if (ownFault)
    return `This machine's clock is ${seconds} ${behind ? 'behind' : 'ahead of'} the auth service's.`;
  return behind
    ? `The auth service's clock has leapt ${seconds} ahead of this machine's.`
    : `The auth service's clock is ${seconds} behind this machine's, or its watermarks are that late.`;
}

function warn(warning: Warning): void {
  process.emitWarning(`@latchkey/deny-list-nats: ${formatWarning(warning)}`);
}
