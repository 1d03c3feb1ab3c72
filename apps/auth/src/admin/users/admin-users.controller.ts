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
import { CurrentPrincipal } from '@latchkey/verifier-nestjs';
import { Body, Get, HttpCode, Param, Post, Put, Query, Req, Res } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiUnprocessableEntityResponse,
} from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { senderOf } from '../../platform/admission/sender.js';
import { ApiRevocation } from '../../revocations/api-revocation.js';
import { RevocationAnswer } from '../../revocations/revocation-answer.js';
import { AdminRoutes } from '../admin-routes.js';
import { AdminUsersService } from './admin-users.service.js';

const NOT_FOUND = { description: 'The user does not exist' };
const LAST_ADMINISTRATOR = { description: 'The user is the only enabled administrator' };
const UNKNOWN_ROLE = { description: 'A role is not known; the problem lists those that are' };
const WEAK_PASSWORD = { description: 'The password is too short, too long or easy to guess' };

@AdminRoutes('users')
export class AdminUsersController {
  constructor(
    private readonly users: AdminUsersService,
    private readonly answer: RevocationAnswer,
  ) {}

  @Get()
  @ApiOperation({
    operationId: 'listUsers',
    summary: 'List the users, or search them, the oldest account first',
  })
  @ApiOkResponse({ standardSchema: UserListReply })
  list(@Query({ schema: UserPageQuery }) page: UserPageQuery): Promise<UserListReply> {
    return this.users.list(page);
  }

  @Get(':username')
  @ApiOperation({ operationId: 'getUser', summary: 'Show a user' })
  @ApiOkResponse({ standardSchema: UserReply })
  @ApiNotFoundResponse(NOT_FOUND)
  find(@Param('username', { schema: Username }) username: string): Promise<UserReply> {
    return this.users.find(username);
  }

  @Post()
  @ApiOperation({ operationId: 'createUser', summary: 'Create a user' })
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
    operationId: 'setRoles',
    summary: 'Replace the roles of a user',
    description:
      'A new role takes effect at the next refresh or log-in. If the user loses a role, all of their ' +
      'sessions end.',
  })
  @ApiRevocation()
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
  @ApiOperation({
    operationId: 'resetPassword',
    summary: 'Set a new password and end all sessions of the user',
  })
  @ApiRevocation()
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
  @ApiOperation({
    operationId: 'disableUser',
    summary: 'Disable a user and end all of their sessions',
  })
  @ApiConflictResponse(LAST_ADMINISTRATOR)
  @ApiRevocation()
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
  @ApiOperation({ operationId: 'enableUser', summary: 'Enable a disabled user' })
  @ApiNoContentResponse({ description: 'Done' })
  @ApiNotFoundResponse(NOT_FOUND)
  async enable(
    @Param('username', { schema: Username }) username: string,
    @CurrentPrincipal() { subject }: Principal,
  ): Promise<void> {
    await this.users.enable(username, subject);
  }
}
