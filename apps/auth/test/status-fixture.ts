import type { RevocationStatusReply, RevocationStatusRequest } from '@latchkey/contracts/auth-api';
import { claimsOf, keyIdOf, type Answer, type AuthReplica } from './auth-fixture.js';

/** The ids of a token that its holder sends. */
export function idsOf(token: string): RevocationStatusRequest {
  const { jti, sid, sub, client_id, iat } = claimsOf(token);
  return { jti, sid, sub, client_id, iat, kid: keyIdOf(token) };
}

export const askStatus = (auth: AuthReplica, json: unknown): Promise<Answer> =>
  auth.post('/revocations/status', { json });

/** @throws Error if the answer is not 200 */
export async function statusOf(
  auth: AuthReplica,
  ids: Partial<Record<keyof RevocationStatusRequest, unknown>>,
): Promise<RevocationStatusReply> {
  const { status, text } = await askStatus(auth, ids);
  if (status !== 200) throw new Error(`/revocations/status answered ${status}: ${text}`);
  return JSON.parse(text) as RevocationStatusReply;
}
