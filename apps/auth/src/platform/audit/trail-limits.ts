import type { AuditEvent } from './audit-event.js';
import { EventBudget, type Budget } from './event-budget.js';

/** Anybody can cause these without an account. They share a budget by event, so that they crowd out nothing else. */
const REFUSALS: readonly AuditEvent[] = [
  'login_failed',
  'token_exchange_refused',
  'client_token_refused',
];
const OF_REFUSALS: Budget = { burst: 60, perMinute: 20 };

/** Each kind of event of a user or a client has a budget of its own, so that no kind crowds out another. */
type Kind = 'issuance' | 'guess' | 'act';
const KINDS: Partial<Record<AuditEvent, Kind>> = {
  // A user's ordinary work.
  token_exchanged: 'issuance',
  transaction_token_issued: 'issuance',
  client_token_issued: 'issuance',
  // A stolen access token is enough to cause any number of these.
  password_change_failed: 'guess',
};
/** Anybody can register, and then log in again and again. */
const OF_SUBJECT: Readonly<Record<Kind, Budget>> = {
  issuance: { burst: 120, perMinute: 6 },
  guess: { burst: 60, perMinute: 1 },
  act: { burst: 120, perMinute: 6 },
};

/** The fields of an event that decide which budget it uses. */
export interface LimitedEvent {
  readonly event: AuditEvent;
  readonly subject: string | null;
  readonly client: string | null;
  readonly by: string | null;
}

/**
 * Decides which events are stored, so that nobody but administrators can fill the disk: what one account can add at
 * one replica in the 90 days that events are kept is below 1.7 million rows. The log has them all.
 */
export class TrailLimits {
  readonly #refusals: EventBudget;
  readonly #subjects: Readonly<Record<Kind, EventBudget>>;

  constructor(now?: () => number) {
    this.#refusals = new EventBudget(OF_REFUSALS, now);
    this.#subjects = {
      issuance: new EventBudget(OF_SUBJECT.issuance, now),
      guess: new EventBudget(OF_SUBJECT.guess, now),
      act: new EventBudget(OF_SUBJECT.act, now),
    };
  }

  admits({ event, subject, client, by }: LimitedEvent): boolean {
    if (by !== null) return true;
    if (REFUSALS.includes(event)) return this.#refusals.admits(event);
    return this.#subjects[KINDS[event] ?? 'act'].admits(subject ?? client ?? event);
  }
}
