import { auth, type Account } from '../calls/auth-calls.js';
import { textIn, type Answer } from '../calls/call.js';

/**
 * Does something with an administrator's token. It is used once: the next action logs in again.
 *
 * @returns what the action returns, or the answer of a log-in that was not successful
 */
export async function asAdministrator<Outcome>(
  account: Account,
  action: (token: string) => Promise<Outcome>,
): Promise<Outcome | Answer> {
  const loggedIn = await auth.logIn(account);
  const token = textIn(loggedIn, 'access_token');
  return token === undefined ? loggedIn : action(token);
}
