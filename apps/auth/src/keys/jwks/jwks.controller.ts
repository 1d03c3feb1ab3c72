import { KeyRing, type PublicSigningJwk } from '@latchkey/issuer';
import { unavailable } from '@latchkey/service-kit';
import { Controller, Get, Headers, Inject, Res } from '@nestjs/common';
import {
  ApiHeader,
  ApiNotModifiedResponse,
  ApiOkResponse,
  ApiOperation,
  ApiProduces,
  ApiServiceUnavailableResponse,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { jwksMaxAgeSeconds } from '../key-timing.js';
import { KEYS_OPTIONS, type KeysModuleOptions } from '../keys.module-definition.js';
import { keySetDocument, matchesEtag, type KeySetDocument } from './key-set-document.js';

const text = z.string();
/** As OpenAPI describes it. */
export const KeySet = z.object({
  keys: z.array(z.object({ kty: text, kid: text, alg: text, use: text, n: text, e: text })),
});
const ETAG = {
  etag: {
    description: 'Send it as `If-None-Match` with the next request',
    schema: { type: 'string' },
  },
} as const;

/**
 * Answers from memory, without the database or libuv's thread pool. A burst of log-ins, which fills the pool
 * with password hashing, cannot starve verifiers.
 */
@ApiTags('well-known')
@Controller('.well-known')
export class JwksController {
  readonly #cacheControl: string;
  #document?: KeySetDocument;
  #documentOf?: readonly PublicSigningJwk[];

  constructor(
    private readonly ring: KeyRing,
    @Inject(KEYS_OPTIONS) options: Pick<KeysModuleOptions, 'publishAheadSeconds'>,
  ) {
    const maxAge = jwksMaxAgeSeconds(options.publishAheadSeconds);
    this.#cacheControl = `public, max-age=${maxAge}, must-revalidate`;
  }

  @Get('jwks.json')
  @ApiOperation({ operationId: 'getKeySet', summary: 'The public signing keys (RFC 7517)' })
  @ApiHeader({ name: 'If-None-Match', required: false })
  @ApiProduces('application/jwk-set+json')
  @ApiOkResponse({ description: 'A JSON Web Key Set', standardSchema: KeySet, headers: ETAG })
  @ApiNotModifiedResponse({ description: 'The key set has not changed', headers: ETAG })
  @ApiServiceUnavailableResponse({ description: 'The keys are not loaded yet' })
  serve(
    @Headers('if-none-match') ifNoneMatch: string | undefined,
    @Res() reply: FastifyReply,
  ): void {
    const { body, etag } = this.#current();
    void reply.header('cache-control', this.#cacheControl).header('etag', etag);
    if (matchesEtag(ifNoneMatch, etag)) void reply.code(304).send();
    else void reply.type('application/jwk-set+json').send(body);
  }

  #current(): KeySetDocument {
    const keys = this.ring.publicKeys;
    if (keys.length === 0) throw unavailable('keys_not_loaded', 'Signing keys are not loaded yet');
    if (!this.#document || keys !== this.#documentOf) {
      this.#document = keySetDocument(keys);
      this.#documentOf = keys;
    }
    return this.#document;
  }
}
