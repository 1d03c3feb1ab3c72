import { describeError, formatWarning, WarningLog, type Warning } from '@latchkey/contracts';
import type { ClockComparison } from '@latchkey/deny-list';
import type { FeedEvent, WarningSource } from './feed-options.js';

/** What to check, by the name of the NATS client's error. */
const NATS_ADVICE: Readonly<Record<string, string>> = {
  AuthorizationError: 'Check the user and the password of this service in NATS.',
  UserAuthenticationExpiredError:
    'The NATS credentials of this service have expired; issue new ones.',
  PermissionViolationError:
    'Check the permissions of this user in NATS; deploy/nats.conf has an example.',
  ConnectionError: 'Check that NATS is running, and its address.',
};
const DEFAULT_ADVICE = 'The feed keeps trying.';

type Report = Pick<Warning, 'reason' | 'message'>;
type EventOf<Type extends FeedEvent['type']> = Extract<FeedEvent, { type: Type }>;

/** The report of each type of event; events that need no attention have none. */
const REPORTS: {
  readonly [Type in FeedEvent['type']]: ((event: EventOf<Type>) => Report | undefined) | undefined;
} = {
  connected: undefined,
  loaded: undefined,
  applied: undefined,
  gap: undefined,
  snapshot: undefined,
  disconnected: () => ({
    reason: 'disconnected',
    message:
      'The connection to NATS broke. The feed reconnects; until then, log-outs do not arrive and the ' +
      'deny-list grows stale. If this lasts, check NATS and the network.',
  }),
  renewing: () => ({
    reason: 'renewing',
    message:
      'NATS is connected, but has delivered nothing for 5 seconds. The feed replaces the connection. ' +
      'If this repeats, check that the auth service is running and publishes to NATS.',
  }),
  incomplete: ({ missing }) => ({
    reason: 'incomplete',
    message:
      `The stream lacks ${missing} revocation(s) that the auth service has issued, so the deny-list ` +
      'grows stale. The feed reads the stream again, or a snapshot if the option snapshot is set. Check ' +
      'who else can write to the stream, and whether its storage was lost.',
  }),
  new_epoch: () => ({
    reason: 'new_epoch',
    message:
      'The revocation stream was created anew, and is read from its start. If nobody did this on ' +
      'purpose, check whether NATS has lost its storage.',
  }),
  checkpoint_lost: ({ sequence }) => ({
    reason: 'checkpoint_lost',
    message:
      `The message that was applied from sequence ${sequence} of the stream is no longer there, so ` +
      'the stream is read from its start. This service was cut off for long, or Postgres and NATS were ' +
      'restored from backups.',
  }),
  refused: ({ reason, subject }) => ({
    reason: 'event_refused',
    message: `Ignored a message of the revocation feed on ${subject}: ${reason}.`,
  }),
  clock: (clock) =>
    clock.behind || clock.ahead ? { reason: 'clock', message: clockMessage(clock) } : undefined,
  warning: ({ source, cause }) => CAUSES[source](cause),
};

/** Each source sends the operator to another system. */
const CAUSES: Readonly<Record<WarningSource, (cause: unknown) => Report>> = {
  nats: (cause) => {
    const name = cause instanceof Error ? cause.name : 'Error';
    const advice = Object.hasOwn(NATS_ADVICE, name) ? NATS_ADVICE[name] : undefined;
    return {
      reason: advice === undefined ? 'feed' : name,
      message: `Cannot receive revocations from NATS: ${describeError(cause)}. ${advice ?? DEFAULT_ADVICE}`,
    };
  },
  snapshot: (cause) => ({
    reason: 'snapshot',
    message: `Cannot download a snapshot: ${describeError(cause)}. The stream is read instead.`,
  }),
  keys: (cause) => ({
    reason: 'keys',
    message:
      `Cannot verify revocation events: ${describeError(cause)}. Check that the issuer's key set can be ` +
      'fetched. The feed keeps trying.',
  }),
};

/** Creates a `warning`. The verifier's own failure is about its keys, wherever it shows. */
export function warningEvent(source: WarningSource, cause: unknown): EventOf<'warning'> {
  const isVerifierFailure = cause instanceof Error && cause.name === 'VerifierUnavailableError';
  return { type: 'warning', source: isVerifierFailure ? 'keys' : source, cause };
}

/** Reports what keeps a feed from working and what to check, each reason once in ten seconds. */
export class FeedWarnings {
  readonly #log: WarningLog;

  /** @param write must not throw; by default `process.emitWarning` */
  constructor(write: (warning: Warning) => void = warn) {
    this.#log = new WarningLog(write);
  }

  /** Use it as `onEvent`, or call it from there. */
  readonly note = (event: FeedEvent): void => {
    const report = reportOf(event);
    if (report) this.#log.warn(report.reason, report.message);
  };
}

function reportOf<Type extends FeedEvent['type']>(event: EventOf<Type>): Report | undefined {
  return REPORTS[event.type]?.(event);
}

function clockMessage(clock: ClockComparison): string {
  const effect = clock.behind
    ? 'new tokens are not valid here yet, and the deny-list does not get fresher'
    : 'tokens expire here too early, and the deny-list looks older than it is';
  return `${describe(clock)} Synchronize the clocks (NTP): ${effect}.`;
}

function describe({ offsetSeconds, behind, localClockWrong }: ClockComparison): string {
  const seconds = `${Math.abs(offsetSeconds).toFixed(1)} s`;
  if (localClockWrong)
    return `This machine's clock is ${seconds} ${behind ? 'behind' : 'ahead of'} the auth service's.`;
  return behind
    ? `The auth service's clock has leapt ${seconds} ahead of this machine's.`
    : `The auth service's clock is ${seconds} behind this machine's, or its watermarks are that late.`;
}

function warn(warning: Warning): void {
  process.emitWarning(`@latchkey/deny-list-nats: ${formatWarning(warning)}`);
}
