import { RevocationStatusReply } from '@latchkey/contracts/auth-api';
import { revocationIdsOf, type DecodedToken, type RevocationAnswer } from '@latchkey/inspector';
import { CommandError } from '../../errors.js';
import type { Invocation } from '../../invocation.js';
import type { NoAnswer } from './no-answer.js';
import type { TokenOwner } from './token-owner.js';

/** What is known about the revocation of a token: an answer of auth, or why there is none. */
export type AskedRevocation = { readonly answer: RevocationAnswer } | NoAnswer;

/**
 * Asks the auth service of this command whether its token is revoked. It gets ids, never the token. If there is no
 * answer, that is noted, too.
 *
 * @param isProven whether the signature of the token fits a key: no other token is worth a question
 */
export async function askRevocation(
  cli: Invocation,
  token: DecodedToken,
  owner: TokenOwner,
  isProven: boolean,
): Promise<AskedRevocation> {
  if (owner !== 'auth') return owner;
  const ids = revocationIdsOf(token);
  if (!isProven) return { unknown: 'signature_not_verified' };
  if (!ids) return { unknown: 'no_ids' };
  const { api } = cli.apiWithoutToken();
  try {
    return { answer: await api.send('POST', '/revocations/status', ids, RevocationStatusReply) };
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    const { title, detail } = error.problem;
    cli.output.note(`latchkey: ${title}${detail === undefined ? '' : `: ${detail}`}`);
    return { unknown: 'no_answer' };
  }
}
