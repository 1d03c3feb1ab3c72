import {
  CreateUserRequest,
  ResetPasswordRequest,
  RevocationPendingReply,
  UserListReply,
  UserPageQuery,
  UserReply,
  Username,
  UserRolesRequest,
} from '@latchkey/contracts/auth-api';
import type { Principal } from '@latchkey/verifier';
import { CurrentPrincipal, RequireScopes } from '@latchkey/verifier-nestjs';
import {
  Body,
  Controller,
  Get,
  HttpCode,
  Param,
  Post,
  Put,
  Query,
  Req,
  Res,
  UseGuards,
} from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBadRequestResponse,
  ApiBearerAuth,
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiForbiddenResponse,
  ApiNoContentResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
  ApiUnprocessableEntityResponse,
} from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { senderOf } from '../../platform/admission/sender.js';
import { ADMIN_SCOPE } from '../../platform/settings.js';
import { RevocationAnswer } from '../../revocations/revocation-answer.js';
import { LiveTokenGuard } from '../../sessions/live-token.guard.js';
import { AdminUsersService } from './admin-users.service.js';

const PUBLISHED = { description: 'Done and published to every service' };
const PENDING = {
  standardSchema: RevocationPendingReply,
  description: 'Done and recorded; services are notified as soon as NATS is reachable',
};
const NOT_FOUND = { description: 'There is no such user' };
const LAST_ADMINISTRATOR = { description: 'The user is the only enabled administrator' };
const UNKNOWN_ROLE = { description: 'A role is not known; the problem lists those that are' };
const WEAK_PASSWORD = { description: 'The password is too short, too long or easy to guess' };

@ApiTags('admin')
@ApiBearerAuth()
@ApiForbiddenResponse({ description: 'The token lacks the scope auth:admin' })
@UseGuards(LiveTokenGuard)
@RequireScopes(ADMIN_SCOPE)
@Controller('admin/users')
export class AdminUsersController {
  constructor(
    private readonly users: AdminUsersService,
    private readonly answer: RevocationAnswer,
  ) {}

  @Get()
  @ApiOperation({ summary: 'List the users, the oldest account first' })
  @ApiOkResponse({ standardSchema: UserListReply })
  list(@Query({ schema: UserPageQuery }) page: UserPageQuery): Promise<UserListReply> {
    return this.users.list(page);
  }

  @Get(':username')
  @ApiOperation({ summary: 'Show a user' })
  @ApiOkResponse({ standardSchema: UserReply })
  @ApiNotFoundResponse(NOT_FOUND)
  find(@Param('username', { schema: Username }) username: string): Promise<UserReply> {
    return this.users.find(username);
  }

  @Post()
  @ApiOperation({ summary: 'Create a user' })
  @ApiCreatedResponse({ standardSchema: UserReply })
  @ApiBadRequestResponse(WEAK_PASSWORD)
  @ApiConflictResponse({ description: 'The name is taken' })
  @ApiUnprocessableEntityResponse(UNKNOWN_ROLE)
  create(
    @Body({ schema: CreateUserRequest }) request: CreateUserRequest,
    @CurrentPrincipal() { subject }: Principal,
    @Req() from: FastifyRequest,
  ): Promise<UserReply> {
    return this.users.create(request, senderOf(from), subject);
  }

  @Put(':username/roles')
  @ApiOperation({
    summary: 'Replace the roles of a user',
    description:
      'A new role takes effect at the next refresh or log-in. If the user loses a role, all of their ' +
      'sessions end.',
  })
  @ApiNoContentResponse(PUBLISHED)
  @ApiAcceptedResponse(PENDING)
  @ApiNotFoundResponse(NOT_FOUND)
  @ApiConflictResponse(LAST_ADMINISTRATOR)
  @ApiUnprocessableEntityResponse(UNKNOWN_ROLE)
  async setRoles(
    @Param('username', { schema: Username }) username: string,
    @Body({ schema: UserRolesRequest }) { roles }: UserRolesRequest,
    @CurrentPrincipal() { subject }: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RevocationPendingReply | undefined> {
    return this.answer.send(reply, await this.users.setRoles(username, roles, subject));
  }

  @Put(':username/password')
  @ApiOperation({ summary: 'Set a new password and end all sessions of the user' })
  @ApiNoContentResponse(PUBLISHED)
  @ApiAcceptedResponse(PENDING)
  @ApiBadRequestResponse(WEAK_PASSWORD)
  @ApiNotFoundResponse(NOT_FOUND)
  async resetPassword(
    @Param('username', { schema: Username }) username: string,
    @Body({ schema: ResetPasswordRequest }) { password }: ResetPasswordRequest,
    @CurrentPrincipal() { subject }: Principal,
    @Req() from: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RevocationPendingReply | undefined> {
    const done = await this.users.resetPassword(username, password, senderOf(from), subject);
    return this.answer.send(reply, done);
  }

  @Post(':username/disable')
  @ApiOperation({ summary: 'Disable a user and end all of their sessions' })
  @ApiConflictResponse(LAST_ADMINISTRATOR)
  @ApiNoContentResponse(PUBLISHED)
  @ApiAcceptedResponse(PENDING)
  @ApiNotFoundResponse(NOT_FOUND)
  async disable(
    @Param('username', { schema: Username }) username: string,
    @CurrentPrincipal() { subject }: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RevocationPendingReply | undefined> {
    return this.answer.send(reply, await this.users.disable(username, subject));
  }

  @Post(':username/enable')
  @HttpCode(204)
  @ApiOperation({ summary: 'Enable a disabled user' })
  @ApiNoContentResponse({ description: 'Done' })
  @ApiNotFoundResponse(NOT_FOUND)
  async enable(
    @Param('username', { schema: Username }) username: string,
    @CurrentPrincipal() { subject }: Principal,
  ): Promise<void> {
    await this.users.enable(username, subject);
  }
}
