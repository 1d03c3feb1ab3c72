import type { Answer } from '../calls/call.js';
import type { Trigger } from '../travel/travel.js';
import type { Travels } from '../travel/use-travels.js';
import type { SessionControls } from './use-session.js';

/**
 * Ends the session of the page by a request, and watches how that travels.
 *
 * @returns the answer if it was not successful
 */
export async function endSession(
  { session, end }: SessionControls,
  { watch }: Travels,
  trigger: Trigger,
  request: (token: string) => Promise<Answer>,
): Promise<Answer | undefined> {
  if (!session) return undefined;
  const { username, token } = session;
  const { failed } = await watch({ username, token, trigger }, async () => {
    const answer = await request(token);
    if (answer.status >= 200 && answer.status < 300) end();
    return answer;
  });
  return failed;
}
