import {
  ACCESS_TOKEN_TYPE_URI,
  OAuthError,
  TOKEN_EXCHANGE_GRANT,
  TokenReply,
} from '@latchkey/contracts/auth-api';
import type { StackHop } from '@latchkey/contracts/live';
import { AuthClient } from '../client/auth-client.js';
import type { Answer } from '../client/call.js';
import { decodeUnverified } from '../client/decode-unverified.js';
import type { LatchkeyStack } from '../stack/latchkey-stack.js';
import { callsForUsers, type CallForUser } from '../stack/service-calls.js';
import { ControlProblem } from './control-answer.js';

/**
 * Does what a service does before it calls another one for a user: it exchanges the user's token, with its own
 * credentials.
 */
export function exchangeForCall(
  stack: LatchkeyStack,
  token: string,
  { from, to, scopes }: CallForUser,
): Promise<Answer> {
  const { name, secret } = stack.serviceCredentials(from);
  return new AuthClient(stack.issuer).requestToken({
    ...{ grant_type: TOKEN_EXCHANGE_GRANT, audience: to, scope: scopes.join(' ') },
    ...{ subject_token: token, subject_token_type: ACCESS_TOKEN_TYPE_URI },
    ...{ client_id: name, client_secret: secret },
  });
}

/**
 * The calls that services make for a user, with the claims of the tokens that they would get for this one. A browser
 * cannot see them, because services do not send them to it.
 *
 * @throws ControlProblem if auth is down, or does not accept the token
 */
export const stackHops = (stack: LatchkeyStack, token: string): Promise<StackHop[]> =>
  Promise.all(callsForUsers().map((hop) => hopOf(stack, token, hop)));

async function hopOf(stack: LatchkeyStack, token: string, hop: CallForUser): Promise<StackHop> {
  const answer = await exchangeForCall(stack, token, hop).catch((error: unknown) => {
    throw new ControlProblem(503, 'auth_unreachable', `Auth does not answer: ${String(error)}`);
  });
  if (answer.status !== 200) {
    const refusal = OAuthError.safeParse(answer.body).data;
    const reason = refusal?.error_description ?? refusal?.error ?? `${answer.status}`;
    throw new ControlProblem(422, 'not_exchanged', `Auth does not exchange the token: ${reason}`);
  }
  const { aud, scope, act } = decodeUnverified(TokenReply.parse(answer.body).access_token).claims;
  return {
    ...{ from: hop.from, to: hop.to },
    audience: [aud].flat(),
    scopes: scope.split(' '),
    actor: act?.sub ?? hop.from,
  };
}
