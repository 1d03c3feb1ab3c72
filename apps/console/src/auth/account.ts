import type { AccountReply } from '@latchkey/contracts/auth-api';
import { useCallback } from 'react';
import { read } from './api.js';
import { useLoaded, type Loaded } from './use-loaded.js';

export const ADMIN_SCOPE = 'auth:admin';

/** The last known answer, so that a change of page does not begin with an empty frame. */
let known: AccountReply | undefined;

/** Who is logged in. @param userId the user of the session, whose account alone is shown */
export function useAccount(userId: string): Loaded<AccountReply> {
  const load = useCallback(async (signal: AbortSignal) => {
    known = await read<AccountReply>('account', signal);
    return known;
  }, []);
  const loaded = useLoaded(load);
  const value = loaded.value ?? known;
  return { ...loaded, value: value?.id === userId ? value : undefined };
}
