import { CLIENT_ASSERTION_ALGORITHMS, TOKEN_EXCHANGE_GRANT } from '@latchkey/contracts/auth-api';
import { Controller, Get, Header, Inject } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { KEYS_OPTIONS, type KeysModuleOptions } from '../keys.module-definition.js';

const CLIENT_AUTHENTICATION = ['client_secret_basic', 'client_secret_post', 'private_key_jwt'];
const ASSERTION_ALGORITHMS = Object.values(CLIENT_ASSERTION_ALGORITHMS).flat();

/**
 * Authorization server metadata (RFC 8414 §2). Lists no response types, because auth has no authorization
 * endpoint. Public clients refresh and revoke their own tokens with the method `none`.
 */
export function serverMetadata(issuer: string): z.infer<typeof ServerMetadataReply> {
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

const names = z.array(z.string());
/** As OpenAPI describes it. */
export const ServerMetadataReply = z.object({
  issuer: z.url(),
  jwks_uri: z.url(),
  token_endpoint: z.url(),
  token_endpoint_auth_methods_supported: names,
  token_endpoint_auth_signing_alg_values_supported: names,
  revocation_endpoint: z.url(),
  revocation_endpoint_auth_methods_supported: names,
  revocation_endpoint_auth_signing_alg_values_supported: names,
  introspection_endpoint: z.url(),
  introspection_endpoint_auth_methods_supported: names,
  introspection_endpoint_auth_signing_alg_values_supported: names,
  grant_types_supported: names,
  response_types_supported: names,
});

@ApiTags('well-known')
@Controller('.well-known')
export class ServerMetadataController {
  readonly #metadata: ReturnType<typeof serverMetadata>;

  constructor(@Inject(KEYS_OPTIONS) { issuer }: Pick<KeysModuleOptions, 'issuer'>) {
    this.#metadata = serverMetadata(issuer);
  }

  @Get('oauth-authorization-server')
  @Header('cache-control', 'public, max-age=300')
  @ApiOperation({
    operationId: 'getServerMetadata',
    summary: 'Authorization server metadata (RFC 8414)',
  })
  @ApiOkResponse({ description: 'The metadata document', standardSchema: ServerMetadataReply })
  describe(): ReturnType<typeof serverMetadata> {
    return this.#metadata;
  }
}
