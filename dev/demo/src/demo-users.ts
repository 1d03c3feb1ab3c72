import { TokenReply } from '@latchkey/contracts/auth-api';
import { generateOnce } from '@latchkey/local-stack';
import { send } from './timed-request.js';

/** A demo account. Its password was made at the first start; there are no fixed ones. */
export interface DemoUser {
  readonly username: string;
  readonly password: string;
}

/** Registers the demo users; whoever is there already keeps account and password. */
export async function seedDemoUsers(
  authUrl: string,
  stateDirectory: string,
): Promise<readonly [DemoUser, DemoUser, DemoUser]> {
  const demoUser = (username: string) => ({
    username,
    password: generateOnce(stateDirectory, `demo-${username}`),
  });
  const users = [demoUser('ada'), demoUser('grace'), demoUser('linus')] as const;
  for (const body of users) {
    const { status } = await send(`${authUrl}/register`, { method: 'POST', body });
    if (status !== 202) throw new Error(`registering ${body.username} was answered with ${status}`);
  }
  return users;
}

/** @throws when the log-in is refused */
export async function logIn(authUrl: string, { username, password }: DemoUser) {
  const body = { username, password };
  const answer = await send(`${authUrl}/login`, { method: 'POST', body });
  if (answer.status !== 200) throw new Error(`log-in was answered with ${answer.status}`);
  return { answer, tokens: TokenReply.parse(answer.body) };
}

/** `kid` of a token's header. Nothing is verified here. */
export function decodeUnverifiedKeyId(token: string): string {
  return (decodeUnverified(token, 0) as { kid: string }).kid;
}

/** `sid` of a token's claims. Nothing is verified here. */
export function decodeUnverifiedSessionId(token: string): string {
  return (decodeUnverified(token, 1) as { sid: string }).sid;
}

const decodeUnverified = (token: string, segment: 0 | 1): unknown =>
  JSON.parse(Buffer.from(token.split('.')[segment] ?? '', 'base64url').toString());
