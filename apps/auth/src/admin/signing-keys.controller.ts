import {
  KeyId,
  KeyRotationReply,
  RevocationPendingReply,
  SigningKeyListReply,
} from '@latchkey/contracts/auth-api';
import { KeyRing } from '@latchkey/issuer';
import { notFound, ProblemError } from '@latchkey/service-kit';
import type { Principal } from '@latchkey/verifier';
import { CurrentPrincipal } from '@latchkey/verifier-nestjs';
import { Get, HttpCode, Param, Post, Res } from '@nestjs/common';
import {
  ApiConflictResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTooManyRequestsResponse,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { AuditLog } from '../platform/audit/audit-log.js';
import { SigningKeyRevocation } from './signing-key-revocation.js';
import { ApiRevocation } from '../revocations/api-revocation.js';
import { RevocationAnswer } from '../revocations/revocation-answer.js';
import { AdminRoutes } from './admin-routes.js';
import { ExchangedTokenStore } from '../oauth/token-exchange/exchanged-token-store.js';

@AdminRoutes('signing-keys')
export class SigningKeysController {
  constructor(
    private readonly ring: KeyRing,
    private readonly revocation: SigningKeyRevocation,
    private readonly exchangedTokens: ExchangedTokenStore,
    private readonly answer: RevocationAnswer,
    private readonly audit: AuditLog,
  ) {}

  @Get()
  @ApiOperation({
    operationId: 'listSigningKeys',
    summary: 'List the signing keys with their states',
  })
  @ApiOkResponse({ standardSchema: SigningKeyListReply })
  async list(): Promise<SigningKeyListReply> {
    await this.ring.load();
    const keys = this.ring.states.map((key) => ({
      ...key,
      since: new Date(key.since).toISOString(),
    }));
    return { keys };
  }

  @Post('rotate')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'rotateSigningKey',
    summary: 'Start signing with the next key',
    description:
      'The previous key no longer signs. It stays published until its last token has expired, and is ' +
      'then retired automatically.',
  })
  @ApiOkResponse({ standardSchema: KeyRotationReply })
  @ApiConflictResponse({
    description:
      'Some services may not know the next key yet; the `Retry-After` header says how many seconds to wait',
  })
  async rotate(@CurrentPrincipal() { subject }: Principal): Promise<KeyRotationReply> {
    const outcome = await this.ring.rotate();
    if (!outcome.rotated) throw notPublishedLongEnough(outcome.retryAfterSeconds);
    this.audit.record('signing_key_rotated', { by: subject, keyId: outcome.keyId });
    return { keyId: outcome.keyId };
  }

  @Post(':kid/revoke')
  @ApiOperation({
    operationId: 'revokeSigningKey',
    summary: 'Revoke a signing key together with its tokens',
    description:
      'Use this for a key that may be compromised. Every service rejects its tokens, and the next key ' +
      'signs from now on.',
  })
  @ApiRevocation()
  @ApiNotFoundResponse({ description: 'No published key has this id' })
  @ApiTooManyRequestsResponse({
    description:
      'The limit of revoked keys is reached; the `Retry-After` header says how many seconds to wait',
  })
  async revoke(
    @Param('kid', { schema: KeyId }) keyId: string,
    @CurrentPrincipal() { subject }: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RevocationPendingReply | undefined> {
    // A different key may have signed the tokens exchanged for a token of this key.
    const committed = await this.revocation.revoke(keyId, (manager, id) =>
      this.exchangedTokens.revokeFrom(manager, { kind: 'key', id }),
    );
    if (!committed) throw notFound('signing_key');
    this.audit.record('signing_key_revoked', { by: subject, keyId });
    return this.answer.send(reply, committed);
  }
}

export function notPublishedLongEnough(seconds: number): ProblemError {
  return new ProblemError(409, 'next_key_too_new', 'Some services may not know the next key yet', {
    detail: `try again in ${seconds} s`,
    headers: { 'retry-after': `${seconds}` },
  });
}
