import {
  SESSION_TOKEN_TYPE_URI,
  TOKEN_EXCHANGE_GRANT,
  TokenCookieReply,
  TokenExchangeReply,
  TokenForm,
  TokenReply,
} from '@latchkey/contracts/auth-api';
import { ProblemError, traced } from '@latchkey/service-kit';
import { Body, Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiConsumes,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
  ApiUnauthorizedResponse,
} from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ClientCredentialsService } from './client-credentials/client-credentials.service.js';
import { RefreshCookie } from '../sessions/cookies/refresh-cookie.js';
import { NOT_CACHED, TokenAnswer } from '../sessions/cookies/token-answer.js';
import { RefreshService } from '../sessions/refresh/refresh.service.js';
import { TokenExchangeService } from './token-exchange/token-exchange.service.js';
import { ClientAuthentication, type CallingClient } from '../clients/client-authentication.js';
import { AuditLog } from '../platform/audit/audit-log.js';
import { FORM_MEDIA_TYPE, OAUTH_ERROR_RESPONSE } from './oauth-wire.js';

@ApiTags('oauth')
@Controller('oauth/token')
export class TokenController {
  constructor(
    private readonly clients: ClientAuthentication,
    private readonly refreshService: RefreshService,
    private readonly clientCredentialsService: ClientCredentialsService,
    private readonly exchangeService: TokenExchangeService,
    private readonly cookie: RefreshCookie,
    private readonly answer: TokenAnswer,
    private readonly audit: AuditLog,
  ) {}

  @Post()
  @HttpCode(200)
  @ApiConsumes(FORM_MEDIA_TYPE)
  @ApiOperation({
    summary:
      'Get an access token with a refresh token (RFC 6749 §6), client credentials (§4.4) or token ' +
      'exchange (RFC 8693)',
    description:
      '`grant_type=refresh_token`: a browser sends its cookie instead of `refresh_token`. A refresh ' +
      'token can be used once. Repeating it within a few seconds returns the same successor; later ' +
      'reuse ends the session. Tokens come in the body or in cookies, as chosen at log-in.\n\n' +
      '`grant_type=client_credentials`: for a confidential client that is configured with scopes ' +
      'and authenticates with Basic or with `client_id` and `client_secret`. `scope` narrows the ' +
      'scopes, `resource` or `audience` (RFC 8707) the services, and with them the scopes that these ' +
      'know. There is no refresh token. Errors: `invalid_client`, `unauthorized_client` for a public client or one without scopes, ' +
      '`invalid_scope`, `invalid_target`.\n\n' +
      `\`grant_type=${TOKEN_EXCHANGE_GRANT}\`: for a confidential client that is configured with ` +
      'services to exchange tokens for. Send the user’s access token that the client was called ' +
      'with (the client is in its `aud`) as `subject_token`, with the `subject_token_type` of an ' +
      `access token; or the value of the session cookie that it was called with, and the type ` +
      `\`${SESSION_TOKEN_TYPE_URI}\`. The new token has the same user and session, names the client ` +
      'in `act`, expires no later than the subject token or the session, and is revoked with it. ' +
      '`resource` or `audience` select the service. Without `scope`, the token has the scopes of the ' +
      'subject token that the service knows and that the client may use there; if there is none, or ' +
      '`scope` asks for more, the error is `invalid_scope`. `actor_token` is not supported. An ' +
      'unacceptable subject token gets `invalid_request` (RFC 8693 §2.2.2).',
  })
  @ApiOkResponse({ standardSchema: z.union([TokenReply, TokenCookieReply, TokenExchangeReply]) })
  @ApiBadRequestResponse(OAUTH_ERROR_RESPONSE)
  @ApiUnauthorizedResponse(OAUTH_ERROR_RESPONSE)
  async exchange(
    @Body({ schema: TokenForm }) form: TokenForm,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<TokenReply | TokenCookieReply | TokenExchangeReply> {
    switch (form.grant_type) {
      case 'refresh_token':
        return this.#refresh(form, request, reply);
      case 'client_credentials':
        return this.#issueToClient(form, request, reply, 'client_token_refused', (client) =>
          this.clientCredentialsService.issue(client, form),
        );
      case TOKEN_EXCHANGE_GRANT:
        return this.#issueToClient(form, request, reply, 'token_exchange_refused', (client) =>
          this.exchangeService.exchange(client, form),
        );
      default:
        throw new ProblemError(400, 'unsupported_grant_type', 'The grant type is not supported');
    }
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

  async #issueToClient<Reply extends TokenReply | TokenExchangeReply>(
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
