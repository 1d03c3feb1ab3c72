import { MAX_REQUESTING_WORKLOADS, type TransactionContext } from '@latchkey/contracts';
import { TRANSACTION_TOKEN_TYPE_URI, type TokenForm } from '@latchkey/contracts/auth-api';
import { Injectable } from '@nestjs/common';
import { LiveTokenVerifier } from '../../sessions/live-token-verifier.js';
import { ExchangedTokenStore } from '../token-exchange/exchanged-token-store.js';
import { SubjectTokens, type Subject } from '../token-exchange/subject-tokens.js';
import { invalidRequest, type TransactionRequest } from './transaction-request.js';

/** The claims of the new token about its transaction. */
export interface TransactionOfToken {
  /** Undefined for a new transaction. */
  readonly transactionId: string | undefined;
  readonly requestingWorkloads: readonly string[];
  readonly requestContext: TransactionContext | undefined;
  readonly details: TransactionContext | undefined;
}

/** The user and the transaction that a client asks for a transaction token for. */
export interface TransactionSubject {
  readonly subject: Subject;
  readonly transaction: TransactionOfToken;
}

/** All transaction tokens that cannot be replaced get the same error. */
const notLive = () => invalidRequest('The subject token is not a live transaction token');

/** An access token may outlive its session's deadline; a transaction token must not. */
const withinSession = (subject: Subject): Subject => ({
  ...subject,
  live: async (manager) => {
    const live = await subject.live(manager);
    if (!live) return undefined;
    const sessionEnds = Math.floor(live.session.expiresAt.getTime() / 1000);
    return { ...live, expiresAt: Math.min(live.expiresAt, sessionEnds) };
  },
});

/** Reads the subject token of a request for a transaction token. */
@Injectable()
export class TransactionSubjects {
  constructor(
    private readonly subjects: SubjectTokens,
    private readonly accessTokens: LiveTokenVerifier,
    private readonly exchanged: ExchangedTokenStore,
  ) {}

  /**
   * A credential of a user begins a transaction; a transaction token continues it.
   *
   * @throws ProblemError invalid_request, or 503
   */
  async read(
    clientId: string,
    form: TokenForm,
    { requestContext, details }: TransactionRequest,
  ): Promise<TransactionSubject> {
    if (form.subject_token_type !== TRANSACTION_TOKEN_TYPE_URI) {
      const subject = withinSession(await this.subjects.read(clientId, form));
      const requestingWorkloads = [clientId];
      return {
        subject,
        transaction: { transactionId: undefined, requestingWorkloads, requestContext, details },
      };
    }
    if (requestContext || details)
      throw invalidRequest('The context of a transaction stays as it is, so none can be sent');
    return this.#replacement(clientId, form.subject_token);
  }

  /**
   * A replacement (draft-ietf-oauth-transaction-tokens-10, "Txn-Token as a `subject_token`") is for the same
   * transaction, and never allows more, or for longer, than the token that it replaces. Any client of the trust
   * domain may therefore ask for it.
   */
  async #replacement(clientId: string, text: string | undefined): Promise<TransactionSubject> {
    if (text === undefined) throw invalidRequest('subject_token is missing');
    const token = await this.accessTokens.readTransactionToken(text);
    if (!token) throw notLive();
    const { id: transactionId, requestContext, details } = token.transaction;
    const requestingWorkloads = [...token.transaction.requestingWorkloads, clientId];
    if (requestingWorkloads.length > MAX_REQUESTING_WORKLOADS)
      throw invalidRequest(`More than ${MAX_REQUESTING_WORKLOADS} requesting workloads in a chain`);
    return {
      transaction: { transactionId, requestingWorkloads, requestContext, details },
      subject: withinSession({
        userId: token.subject,
        actor: undefined,
        lockOrigins: (manager) => this.exchanged.lockSharedOf(manager, token),
        live: async (manager) => {
          const session = await this.accessTokens.sessionOf(token, manager);
          return session && { session, scopes: token.scopes, expiresAt: token.expiresAt };
        },
        refusal: notLive,
      }),
    };
  }
}
