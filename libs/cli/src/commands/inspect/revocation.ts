import { RevocationStatusReply } from '@latchkey/contracts/auth-api';
import {
  revocationIdsOf,
  type DecodedToken,
  type RevocationAnswer,
  type RevocationIds,
} from '@latchkey/inspector';
import { CommandError } from '../../errors.js';
import type { Invocation } from '../../invocation.js';

/** What is known about the revocation of a token. */
export type AskedRevocation =
  | { readonly answer: RevocationAnswer }
  /** Why there is no answer, as the end of a sentence. */
  | { readonly unknown: string };

/**
 * Asks the auth service of this command whether its token is revoked. It gets ids, never the token. If there is no
 * answer, that is noted, too.
 *
 * @param isProven whether the signature of the token fits a key: no other token is worth a question
 */
export async function askRevocation(
  cli: Invocation,
  token: DecodedToken,
  isProven: boolean,
): Promise<AskedRevocation> {
  const { url, api } = cli.apiWithoutToken();
  const ids = revocationIdsOf(token);
  const unknown = whyNotAsked(token, url, isProven, ids);
  if (unknown !== undefined) return { unknown };
  try {
    return { answer: await api.send('POST', '/revocations/status', ids, RevocationStatusReply) };
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    const { title, detail } = error.problem;
    cli.output.note(`latchkey: ${title}${detail === undefined ? '' : `: ${detail}`}`);
    return { unknown: 'auth was asked, and has not answered' };
  }
}

/** @param url of the auth service */
function whyNotAsked(
  { claims }: DecodedToken,
  url: string,
  isProven: boolean,
  ids: RevocationIds | undefined,
): string | undefined {
  if (claims === undefined) return 'it has no claims that can be read';
  if (claims['iss'] === undefined) return 'it names no issuer';
  if (claims['iss'] !== url) return 'this issuer tells nobody';
  if (!isProven) return 'auth was not asked, because the signature is not verified';
  return ids ? undefined : 'it has no id to look up';
}
