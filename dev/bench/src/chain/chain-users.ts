import { AuthClient, sessionTokens, UnexpectedAnswerError } from '@latchkey/local-stack';
import { randomUUID } from 'node:crypto';

const PASSWORD = 'a long enough passphrase';
/** Password hashing is bound by the cores: more concurrent log-ins would only queue. */
const LOG_INS_AT_ONCE = 2;

type OnProgress = (message: string) => void;

/** Registers users and logs them in. @returns an access token of each */
export async function tokensOfUsers(
  issuer: string,
  count: number,
  onProgress: OnProgress,
): Promise<string[]> {
  const tokens: string[] = [];
  let begun = 0;
  const logInInTurn = async () => {
    while (begun++ < count) {
      tokens.push((await newSession(issuer)).access_token);
      onProgress(`users log in (${tokens.length} of ${count})`);
    }
  };
  await Promise.all(Array.from({ length: LOG_INS_AT_ONCE }, logInInTurn));
  return tokens;
}

/** Refreshes one session. @returns an access token of each time: different tokens of one user */
export async function tokensOfOneUser(
  issuer: string,
  count: number,
  onProgress: OnProgress,
): Promise<string[]> {
  const auth = new AuthClient(issuer);
  const tokens: string[] = [];
  let session = await newSession(issuer);
  while (tokens.push(session.access_token) < count) {
    const answer = await auth.refresh(session.refresh_token);
    if (answer.status !== 200) throw new UnexpectedAnswerError('POST /oauth/token', answer);
    session = sessionTokens(answer);
    onProgress(`refreshing tokens (${tokens.length} of ${count})`);
  }
  return tokens;
}

async function newSession(issuer: string) {
  const auth = new AuthClient(issuer);
  const account = { username: `user-${randomUUID()}`, password: PASSWORD };
  await auth.register(account);
  return auth.logIn(account);
}
