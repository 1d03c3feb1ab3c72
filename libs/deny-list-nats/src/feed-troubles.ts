import { describeError, formatWarning, WarningLog, type Warning } from '@latchkey/contracts';
import type { ClockComparison } from '@latchkey/deny-list';
import type { FeedEvent } from './feed-options.js';

/** What to check, by the error of the client of NATS. */
const ADVICE: Readonly<Record<string, string>> = {
  AuthorizationError: 'Check the user and the password of this service in NATS.',
  UserAuthenticationExpiredError: 'The credentials of this service in NATS have expired.',
  PermissionViolationError: 'Check the permissions of this user in NATS (deploy/nats.conf).',
  ConnectionError: 'Check the address of NATS and that it runs.',
};
const OTHERWISE = 'It is tried again until it works.';

/** Tells what keeps a feed from working and what to check, each reason once in ten seconds. */
export class FeedTroubles {
  readonly #log: WarningLog;

  constructor(write: (trouble: Warning) => void = warn) {
    this.#log = new WarningLog(write);
  }

  readonly note = (event: FeedEvent): void => {
    if (event.type === 'trouble') this.#noteCause(event.cause);
    if (event.type === 'refused')
      this.#log.tell('event_refused', `An event on the feed has no effect: ${event.reason}.`);
    if (event.type === 'clock' && (event.behind || event.ahead)) this.#noteClock(event);
  };

  #noteCause(cause: unknown): void {
    const name = cause instanceof Error ? cause.name : 'Error';
    const reason = Object.hasOwn(ADVICE, name) ? name : 'feed';
    this.#log.tell(
      reason,
      `Revocations do not come from NATS: ${describeError(cause)}. ${ADVICE[name] ?? OTHERWISE}`,
    );
  }

  #noteClock(clock: ClockComparison): void {
    const effect = clock.behind
      ? 'new tokens are not valid yet here'
      : 'tokens expire here before their time';
    this.#log.tell(
      'clock',
      `${whoseClock(clock)} Set it right (NTP): ${effect}, and the list is stale.`,
    );
  }
}

function whoseClock({ offsetSeconds, behind, ownFault }: ClockComparison): string {
  const seconds = `${Math.abs(offsetSeconds).toFixed(1)} s`;
  if (ownFault)
    return `This machine's clock is ${seconds} ${behind ? 'behind' : 'ahead of'} the auth service's.`;
  return behind
    ? `The auth service's clock has leapt ${seconds} ahead of this machine's.`
    : `The auth service's clock is ${seconds} behind this machine's, or its watermarks are that late.`;
}

function warn(trouble: Warning): void {
  process.emitWarning(`@latchkey/deny-list-nats: ${formatWarning(warning)}`);
}
