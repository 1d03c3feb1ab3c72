import {
  TOKEN_EXCHANGE_GRANT,
  TokenCookieReply,
  TokenExchangeReply,
  TokenForm,
  TokenReply,
  TransactionTokenReply,
} from '@latchkey/contracts/auth-api';
import { ProblemError, traced } from '@latchkey/service-kit';
import { Body, Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import {
  ApiBasicAuth,
  ApiBody,
  ApiConsumes,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ClientCredentialsService } from './client-credentials/client-credentials.service.js';
import { RefreshCookie } from '../sessions/cookies/refresh-cookie.js';
import { NOT_CACHED, TokenAnswer } from '../sessions/cookies/token-answer.js';
import { RefreshService } from '../sessions/refresh/refresh.service.js';
import { TokenExchangeService } from './token-exchange/token-exchange.service.js';
import { TransactionTokenService } from './transaction-tokens/transaction-token.service.js';
import type { CallingClient } from '../clients/calling-client.js';
import { ClientAuthentication } from '../clients/client-authentication.js';
import { AuditLog } from '../platform/audit/audit-log.js';
import { ApiOAuthErrors, FORM_MEDIA_TYPE } from './oauth-wire.js';
import { TOKEN_REQUEST } from './token-request.js';
import { TOKEN_ENDPOINT } from './token-endpoint.js';

@ApiTags('oauth')
@Controller('oauth/token')
export class TokenController {
  constructor(
    private readonly clients: ClientAuthentication,
    private readonly refreshService: RefreshService,
    private readonly clientCredentialsService: ClientCredentialsService,
    private readonly exchangeService: TokenExchangeService,
    private readonly transactionTokens: TransactionTokenService,
    private readonly cookie: RefreshCookie,
    private readonly answer: TokenAnswer,
    private readonly audit: AuditLog,
  ) {}

  @Post()
  @HttpCode(200)
  @ApiBasicAuth()
  @ApiConsumes(FORM_MEDIA_TYPE)
  @ApiOperation({
    operationId: 'getToken',
    summary:
      'Get an access token with a refresh token (RFC 6749 §6), client credentials (§4.4) or token ' +
      'exchange (RFC 8693)',
    description: TOKEN_ENDPOINT,
  })
  @ApiBody(TOKEN_REQUEST)
  @ApiOkResponse({
    standardSchema: z.union([
      TokenReply,
      TokenCookieReply,
      TokenExchangeReply,
      TransactionTokenReply,
    ]),
  })
  @ApiOAuthErrors()
  async exchange(
    @Body({ schema: TokenForm }) form: TokenForm,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<TokenReply | TokenCookieReply | TokenExchangeReply | TransactionTokenReply> {
    switch (form.grant_type) {
      case 'refresh_token':
        return this.#refresh(form, request, reply);
      case 'client_credentials':
        return this.#issueToClient(form, request, reply, 'client_token_refused', (client) =>
          this.clientCredentialsService.issue(client, form),
        );
      case TOKEN_EXCHANGE_GRANT:
        return this.#issueToClient(form, request, reply, 'token_exchange_refused', (client) =>
          this.#exchange(client, form),
        );
      default:
        throw new ProblemError(400, 'unsupported_grant_type', 'The grant type is not supported');
    }
  }

  #exchange(
    client: CallingClient,
    form: TokenForm,
  ): Promise<TokenExchangeReply | TransactionTokenReply> {
    return this.transactionTokens.isAskedFor(form)
      ? this.transactionTokens.issue(client, form)
      : this.exchangeService.exchange(client, form);
  }

  async #refresh(
    form: TokenForm,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<TokenReply | TokenCookieReply> {
    const client = await this.clients.identify(request.headers.authorization, form);
    const refreshToken = form.refresh_token ?? this.cookie.read(request);
    if (refreshToken === undefined)
      throw new ProblemError(400, 'invalid_request', 'refresh_token is missing');
    const granted = await this.refreshService.refresh({
      refreshToken,
      clientId: client?.clientId,
      scope: form.scope,
    });
    return this.answer.send(reply, granted);
  }

  async #issueToClient<Reply extends TokenReply | TokenExchangeReply | TransactionTokenReply>(
    form: TokenForm,
    { headers }: FastifyRequest,
    reply: FastifyReply,
    refused: 'client_token_refused' | 'token_exchange_refused',
    issue: (client: CallingClient) => Promise<Reply>,
  ): Promise<Reply> {
    let client: CallingClient | undefined;
    try {
      const known = (client = await this.clients.require(headers.authorization, form));
      const tokens = await tracedGrant(form, () => issue(known));
      void reply.headers(NOT_CACHED);
      return tokens;
    } catch (error) {
      if (error instanceof ProblemError && error.status < 500) {
        const { code, title: reason } = error;
        this.audit.record(refused, { client: client?.clientId, error: code, reason });
      }
      throw error;
    }
  }
}

/** Makes a span of a grant, if traces are on. */
const tracedGrant = <Reply>({ grant_type: grant }: TokenForm, issue: () => Promise<Reply>) =>
  traced(() => ({ name: 'issue token', attributes: { 'oauth.grant.type': grant } }), issue);
