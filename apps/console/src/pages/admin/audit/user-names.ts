import type { AuditEventReply, UserListReply } from '@latchkey/contracts/auth-api';
import { ApiError } from '../../../auth/api-error.js';
import { read } from '../../../auth/api.js';

/** Names of users by id. */
export type Names = ReadonlyMap<string, string>;

/** Names do not change, so that each is asked for once. */
const known = new Map<string, string>();

/** The events have ids only. Looks up their users; one who cannot be found stays an id. */
export async function namesOf(
  events: readonly AuditEventReply[],
  signal: AbortSignal,
): Promise<Names> {
  const ids = new Set(
    events.flatMap(({ subject, by }) => [subject, by]).filter((id) => id !== undefined),
  );
  const unknown = [...ids].filter((id) => !known.has(id));
  await Promise.all(unknown.map((id) => lookUp(id, signal)));
  return known;
}

async function lookUp(id: string, signal: AbortSignal): Promise<void> {
  try {
    const query = new URLSearchParams({ search: id, limit: '1' });
    const { users } = await read<UserListReply>(`admin/users?${query}`, signal);
    const user = users.find((each) => each.id === id);
    if (user) known.set(id, user.username);
  } catch (error) {
    // The events are worth showing without names.
    if (!(error instanceof ApiError)) throw error;
  }
}
