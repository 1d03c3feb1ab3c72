import { AccountReply } from '@latchkey/contracts/auth-api';
import { ApiCaller, notFound } from '@latchkey/service-kit';
import type { Principal } from '@latchkey/verifier';
import { CurrentPrincipal } from '@latchkey/verifier-nestjs';
import { Controller, Get, UseGuards } from '@nestjs/common';
import { ApiNotFoundResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { rolesOf, UserScopes } from '../../accounts/users/user-scopes.js';
import { UserStore } from '../../accounts/users/user-store.js';
import { UserGuard } from '../cookie-sessions/user.guard.js';

@ApiTags('accounts')
@ApiCaller()
@UseGuards(UserGuard)
@Controller('account')
export class AccountController {
  constructor(
    private readonly users: UserStore,
    private readonly scopes: UserScopes,
  ) {}

  @Get()
  @ApiOperation({
    operationId: 'getAccount',
    summary: 'Show who makes the request',
    description:
      'The name, the roles and the scopes of the next token. Access tokens contain no name and no roles.',
  })
  @ApiOkResponse({ standardSchema: AccountReply })
  @ApiNotFoundResponse({ description: 'The token is of a client, which has no account' })
  async show(@CurrentPrincipal() { subject }: Principal): Promise<AccountReply> {
    const user = await this.users.find(subject);
    if (!user) throw notFound('account');
    return {
      id: user.id,
      username: user.username,
      roles: [...rolesOf(user)],
      scopes: [...this.scopes.scopesOf(user)],
      createdAt: user.createdAt.toISOString(),
    };
  }
}
