import type { TransactionContext } from '@latchkey/contracts';
import { TransactionContextParameter, type TokenForm } from '@latchkey/contracts/auth-api';
import { ProblemError } from '@latchkey/service-kit';

/** The properties of the transaction token that a client asks for, apart from its subject. */
export interface TransactionRequest {
  readonly scope: string;
  readonly requestContext: TransactionContext | undefined;
  readonly details: TransactionContext | undefined;
}

export const invalidRequest = (title: string) => new ProblemError(400, 'invalid_request', title);

const invalidTarget = () =>
  new ProblemError(400, 'invalid_target', 'The audience must be the trust domain');

/**
 * Reads a request (draft-ietf-oauth-transaction-tokens-10, "Txn-Token Request").
 *
 * @throws ProblemError invalid_request, invalid_target
 */
export function readTransactionRequest(form: TokenForm, trustDomain: string): TransactionRequest {
  // If this were ignored, the client would believe that its token names that actor.
  if (form.actor_token !== undefined || form.actor_token_type !== undefined)
    throw invalidRequest('actor_token is not supported; the caller of each service is its actor');
  if (form.audience === undefined) throw invalidRequest('audience is missing');
  // A resource is one service, but a transaction token is for all of them.
  if (form.audience !== trustDomain || form.resource !== undefined) throw invalidTarget();
  if (form.scope === undefined) throw invalidRequest('scope is missing');
  return {
    scope: form.scope,
    requestContext: contextOf('request_context', form.request_context),
    details: contextOf('request_details', form.request_details),
  };
}

function contextOf(name: string, text: string | undefined): TransactionContext | undefined {
  if (text === undefined) return undefined;
  const parsed = TransactionContextParameter.safeParse(text);
  if (parsed.success) return parsed.data;
  // The messages of this schema quote nothing of the request.
  throw invalidRequest(`${name} ${parsed.error.issues[0]?.message}`);
}
