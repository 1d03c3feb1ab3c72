import {
  KeyId,
  KeyRotationReply,
  RevocationPendingReply,
  SigningKeyListReply,
} from '@latchkey/contracts/auth-api';
import { KeyRing } from '@latchkey/issuer';
import { ProblemError } from '@latchkey/service-kit';
import type { Principal } from '@latchkey/verifier';
import { CurrentPrincipal, RequireScopes } from '@latchkey/verifier-nestjs';
import { Controller, Get, HttpCode, Param, Post, Res, UseGuards } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBearerAuth,
  ApiConflictResponse,
  ApiForbiddenResponse,
  ApiNoContentResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
  ApiTooManyRequestsResponse,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { AuditLog } from '../platform/audit/audit-log.js';
import { ADMIN_SCOPE } from '../platform/settings.js';
import { SigningKeyRevocation } from './signing-key-revocation.js';
import { RevocationAnswer } from '../revocations/revocation-answer.js';
import { LiveTokenGuard } from '../sessions/live-token.guard.js';
import { ExchangedTokenStore } from '../oauth/token-exchange/exchanged-token-store.js';

@ApiTags('admin')
@ApiBearerAuth()
@ApiForbiddenResponse({ description: 'The token lacks the scope auth:admin' })
@UseGuards(LiveTokenGuard)
@RequireScopes(ADMIN_SCOPE)
@Controller('admin/signing-keys')
export class SigningKeysController {
  constructor(
    private readonly ring: KeyRing,
    private readonly revocation: SigningKeyRevocation,
    private readonly exchangedTokens: ExchangedTokenStore,
    private readonly answer: RevocationAnswer,
    private readonly audit: AuditLog,
  ) {}

  @Get()
  @ApiOperation({ summary: 'List the signing keys with their states' })
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
    summary: 'Revoke a signing key together with its tokens',
    description:
      'Use this for a key that may be compromised. Every service rejects its tokens, and the next key ' +
      'signs from now on.',
  })
  @ApiNoContentResponse({ description: 'Done and published to every service' })
  @ApiAcceptedResponse({ standardSchema: RevocationPendingReply })
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
    if (!committed)
      throw new ProblemError(404, 'signing_key_not_found', 'No published key has this id');
    this.audit.record('signing_key_revoked', { by: subject, keyId });
    return this.answer.send(reply, committed);
  }
}

function notPublishedLongEnough(seconds: number): ProblemError {
  return new ProblemError(409, 'next_key_too_new', 'Some services may not know the next key yet', {
    detail: `try again in ${seconds} s`,
    headers: { 'retry-after': `${seconds}` },
  });
}
