import { CLIENT_ASSERTION_ALGORITHMS, TOKEN_EXCHANGE_GRANT } from '@latchkey/contracts/auth-api';
import { Controller, Get, Header, Inject } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { KEYS_OPTIONS, type KeysModuleOptions } from '../keys.module-definition.js';

const CLIENT_AUTHENTICATION = ['client_secret_basic', 'client_secret_post', 'private_key_jwt'];
const ASSERTION_ALGORITHMS = Object.values(CLIENT_ASSERTION_ALGORITHMS).flat();

/**
 * Authorization server metadata (RFC 8414 §2). Lists no response types, because auth has no authorization
 * endpoint. Public clients refresh and revoke their own tokens with the method `none`.
 */
export function serverMetadata(issuer: string) {
  return {
    issuer,
    jwks_uri: `${issuer}/.well-known/jwks.json`,
    token_endpoint: `${issuer}/oauth/token`,
    token_endpoint_auth_methods_supported: [...CLIENT_AUTHENTICATION, 'none'],
    token_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
    revocation_endpoint: `${issuer}/oauth/revoke`,
    revocation_endpoint_auth_methods_supported: [...CLIENT_AUTHENTICATION, 'none'],
    revocation_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
    introspection_endpoint: `${issuer}/oauth/introspect`,
    introspection_endpoint_auth_methods_supported: CLIENT_AUTHENTICATION,
    introspection_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
    grant_types_supported: ['refresh_token', 'client_credentials', TOKEN_EXCHANGE_GRANT],
    response_types_supported: [],
  };
}

@ApiTags('well-known')
@Controller('.well-known')
export class ServerMetadataController {
  readonly #metadata: ReturnType<typeof serverMetadata>;

  constructor(@Inject(KEYS_OPTIONS) { issuer }: Pick<KeysModuleOptions, 'issuer'>) {
    this.#metadata = serverMetadata(issuer);
  }

  @Get('oauth-authorization-server')
  @Header('cache-control', 'public, max-age=300')
  @ApiOperation({ summary: 'Authorization server metadata (RFC 8414)' })
  @ApiOkResponse({ description: 'The metadata document' })
  describe(): ReturnType<typeof serverMetadata> {
    return this.#metadata;
  }
}
