import { causesOf, troubleLine, TroubleLog, type Trouble } from '@latchkey/contracts';
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
  readonly #log: TroubleLog;

  constructor(write: (trouble: Trouble) => void = warn) {
    this.#log = new TroubleLog(write);
  }

  readonly note = (event: FeedEvent): void => {
    if (event.type === 'trouble') this.#noteCause(event.cause);
    if (event.type === 'refused')
      this.#log.tell('event_refused', `An event on the feed has no effect: ${event.reason}.`);
    if (event.type === 'clock' && event.behind) this.#noteClock(event);
  };

  #noteCause(cause: unknown): void {
    const name = cause instanceof Error ? cause.name : 'Error';
    const reason = Object.hasOwn(ADVICE, name) ? name : 'feed';
    this.#log.tell(
      reason,
      `Revocations do not come from NATS: ${causesOf(cause)}. ${ADVICE[name] ?? OTHERWISE}`,
    );
  }

  #noteClock({ offsetSeconds, ownFault }: Extract<FeedEvent, { type: 'clock' }>): void {
    const which = ownFault ? "this machine's clock" : "the auth service's clock, which has leapt";
    this.#log.tell(
      'clock',
      `The auth service's clock is ${offsetSeconds.toFixed(1)} s ahead of this machine's. ` +
        `Set ${which} right (NTP): its new tokens are not valid yet here, and the list grows stale.`,
    );
  }
}

function warn(trouble: Trouble): void {
  process.emitWarning(`@latchkey/deny-list-nats: ${troubleLine(trouble)}`);
}
