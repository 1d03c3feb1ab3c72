import { z } from 'zod';
import { ClientId } from './admin.js';

/** The events of the audit trail. */
export const AUDIT_EVENT_NAMES = [
  'login',
  'login_failed',
  'refresh_token_reused',
  'logout',
  'logout_everywhere',
  'token_revoked',
  'session_ended',
  'password_changed',
  'password_change_failed',
  'token_exchanged',
  'transaction_token_issued',
  'token_exchange_refused',
  'client_token_issued',
  'client_token_refused',
  'user_created',
  'user_roles_changed',
  'user_password_reset',
  'user_disabled',
  'user_enabled',
  'session_ended_by_admin',
  'sessions_ended_by_admin',
  'client_added',
  'client_changed',
  'client_removed',
  'client_credential_added',
  'client_credential_removed',
  'client_revoked',
  'signing_key_rotated',
  'signing_key_revoked',
  /** Says how many events of one kind are in the log only, because there were too many of them. */
  'events_dropped',
] as const;
/** What happened. Other names are refused. */
export const AuditEventName = z.enum(AUDIT_EVENT_NAMES);
export type AuditEventName = z.infer<typeof AuditEventName>;

const Id = z.uuid().toLowerCase();
const Time = z.iso.datetime({ offset: true });

/**
 * Selects a page of the audit trail: up to `limit` events that came before the event `after`, which is the `next`
 * of the previous page. The other members restrict the events; users are named by id.
 */
export const AuditPageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  after: Id.optional(),
  event: AuditEventName.optional(),
  /** The user whom the event is about. */
  subject: Id.optional(),
  client: ClientId.optional(),
  /** The administrator who acted. */
  by: Id.optional(),
  /** Only events at this time or later. */
  since: Time.optional(),
  /** Only events before this time. */
  until: Time.optional(),
});
export type AuditPageQuery = z.infer<typeof AuditPageQuery>;

/** One event. */
export const AuditEventReply = z.object({
  id: z.uuid(),
  at: z.iso.datetime(),
  /** Usually one of {@link AUDIT_EVENT_NAMES}; a later release may have more. */
  event: z.string(),
  /** The user whom it is about, by id. */
  subject: z.string().optional(),
  client: z.string().optional(),
  /** The administrator who acted, by id. */
  by: z.string().optional(),
  /** An IPv4 address, or the /64 network of an IPv6 address. */
  address: z.string().optional(),
  requestId: z.string().optional(),
  /** The other fields of the log line. */
  details: z.record(z.string(), z.unknown()),
});
export type AuditEventReply = z.infer<typeof AuditEventReply>;

/** One page of the audit trail, the newest event first. */
export const AuditListReply = z.object({
  events: z.array(AuditEventReply),
  /** The `after` of the next page; absent on the last page. */
  next: z.uuid().optional(),
});
export type AuditListReply = z.infer<typeof AuditListReply>;
