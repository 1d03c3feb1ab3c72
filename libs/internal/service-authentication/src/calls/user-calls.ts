import { REQUEST_ID_HEADER } from '@latchkey/contracts';
import type { CallContext, ServiceTokens } from '@latchkey/service-client';
import type { Principal } from '@latchkey/verifier';
import type { CallTokens } from '../call-tokens.js';

/** What the calls are about, as the called services are told (`tctx`). At most 2 KiB of JSON. */
export type CallDetails = Parameters<ServiceTokens['beginTransaction']>[1]['details'];

/** Decides with which tokens other services are called for a user, as `CALL_TOKENS` says. */
export class UserCalls {
  constructor(
    private readonly callTokens: CallTokens,
    private readonly tokens: Pick<ServiceTokens, 'beginTransaction'>,
    /** Of all calls together. */
    private readonly scopes: readonly string[],
    /** The headers of the current request. */
    private readonly context: CallContext,
  ) {}

  /**
   * Call it once for each request, and pass the result to `ServiceClient.for()`.
   *
   * @param user the principal of the request
   * @returns the user, whose token is exchanged at each call; or a transaction of the user's
   * @throws ServiceTokenError, ServiceUnavailableError if no transaction can begin
   */
  async begin(user: Principal, details: CallDetails): Promise<Principal> {
    switch (this.callTokens) {
      case 'exchange':
        return user;
      case 'transaction':
        return this.tokens.beginTransaction(user, {
          scopes: this.scopes,
          requestContext: this.#requestContext(),
          ...(details && { details }),
        });
    }
  }

  /** The user's address is not in it: behind a proxy, this service does not know it. */
  #requestContext(): Readonly<Record<string, string>> {
    const { [REQUEST_ID_HEADER]: requestId } = this.context();
    return requestId === undefined ? {} : { request_id: requestId };
  }
}
