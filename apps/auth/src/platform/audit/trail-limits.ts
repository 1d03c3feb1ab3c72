import type { AuditEvent } from './audit-event.js';
import { EventBudget, type Budget } from './event-budget.js';

/** Anybody can cause these without an account. They share a budget by event, so that they crowd out nothing else. */
const REFUSALS: readonly AuditEvent[] = [
  'login_failed',
  'token_exchange_refused',
  'client_token_refused',
];
const OF_REFUSALS: Budget = { burst: 60, perMinute: 20 };
/** A user or a client. Anybody can register, and then log in again and again. */
const OF_SUBJECT: Budget = { burst: 120, perMinute: 6 };

/** What the limits look at. */
export interface LimitedEvent {
  readonly event: AuditEvent;
  readonly subject: string | null;
  readonly client: string | null;
  readonly by: string | null;
}

/**
 * Decides which events are stored, so that nobody but administrators can fill the disk: what one account can add in the
 * 90 days that events are kept is below 800,000 rows. The log has them all.
 */
export class TrailLimits {
  readonly #refusals: EventBudget;
  readonly #subjects: EventBudget;

  constructor(now?: () => number) {
    this.#refusals = new EventBudget(OF_REFUSALS, now);
    this.#subjects = new EventBudget(OF_SUBJECT, now);
  }

  admits({ event, subject, client, by }: LimitedEvent): boolean {
    if (by !== null) return true;
    if (REFUSALS.includes(event)) return this.#refusals.admits(event);
    return this.#subjects.admits(subject ?? client ?? event);
  }
}
