import { UserListReply, type UserReply } from '@latchkey/contracts/auth-api';
import type { AuthApi } from '../auth/auth-api.js';

/** The most that auth sends at once. */
const PAGE_SIZE = 100;

/** All users, in pages that are fetched one after the other. */
export async function* usersIn(api: AuthApi): AsyncGenerator<readonly UserReply[]> {
  let after: string | undefined;
  do {
    const query = `limit=${PAGE_SIZE}${after === undefined ? '' : `&after=${after}`}`;
    const page: UserListReply = await api.get(`/admin/users?${query}`, UserListReply);
    yield page.users;
    after = page.next;
  } while (after !== undefined);
}
