import { RevocationStatusReply } from '@latchkey/contracts/auth-api';
import type { DecodedToken, RevocationAnswer } from '@latchkey/inspector';
import { CommandError } from '../../errors.js';
import type { Invocation } from '../../invocation.js';

/**
 * Asks the auth service of this command whether its token is revoked. It gets ids, never the token.
 *
 * @returns undefined for a token of another issuer, or if there is no answer, which is noted
 */
export async function askRevocation(
  cli: Invocation,
  token: DecodedToken,
): Promise<RevocationAnswer | undefined> {
  const { url, api } = cli.apiWithoutToken();
  if (token.claims?.['iss'] !== url) return undefined;
  const ids = idsOf(token);
  if (ids['jti'] === undefined && ids['sid'] === undefined) return undefined;
  try {
    return await api.send('POST', '/revocations/status', ids, RevocationStatusReply);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    const { title, detail } = error.problem;
    cli.output.note(`latchkey: ${title}${detail === undefined ? '' : `: ${detail}`}`);
    return undefined;
  }
}

/** What a token says about itself that is no secret. */
function idsOf({ header, claims = {} }: DecodedToken): Record<string, unknown> {
  const { iat, jti, sid, sub, client_id } = claims;
  const members = { iat, jti, sid, sub, client_id, kid: header['kid'] };
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}
