import {
  ClientChangeRequest,
  ClientId,
  ClientListReply,
  ClientReply,
  NewClientReply,
  NewClientRequest,
  NewCredentialReply,
  NewCredentialRequest,
  PresentedCredentialId,
  RevocationPendingReply,
} from '@latchkey/contracts/auth-api';
import { IgnoresBody } from '@latchkey/service-kit';
import type { Principal } from '@latchkey/verifier';
import { CurrentPrincipal } from '@latchkey/verifier-nestjs';
import { Body, Delete, Get, HttpCode, Param, Patch, Post, Res } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { ClientDirectory } from '../clients/client-directory.js';
import { ManagedClients } from '../clients/managed-clients.js';
import { AuditLog } from '../platform/audit/audit-log.js';
import { ApiRevocation } from '../revocations/api-revocation.js';
import { RevocationAnswer } from '../revocations/revocation-answer.js';
import { NOT_CACHED } from '../sessions/cookies/token-answer.js';
import { AdminRoutes } from './admin-routes.js';
import { AdminService } from './admin.service.js';

const CONFIGURED = '`client_is_configured`: change `OAUTH_CLIENTS` instead';
const CLIENT_ID = { schema: ClientId };
const CREDENTIAL = { schema: NewCredentialRequest.default({}) };

@AdminRoutes('clients')
export class ClientsController {
  constructor(
    private readonly directory: ClientDirectory,
    private readonly clients: ManagedClients,
    private readonly adminService: AdminService,
    private readonly answer: RevocationAnswer,
    private readonly audit: AuditLog,
  ) {}

  @Get()
  @ApiOperation({
    operationId: 'listClients',
    summary: 'List the configured and the managed clients',
  })
  @ApiOkResponse({ standardSchema: ClientListReply })
  async list(): Promise<ClientListReply> {
    return { clients: await this.directory.list() };
  }

  @Get(':clientId')
  @ApiOperation({ operationId: 'getClient', summary: 'Describe a client and its credentials' })
  @ApiOkResponse({ standardSchema: ClientReply })
  @ApiNotFoundResponse({ description: 'The client does not exist' })
  get(@Param('clientId', CLIENT_ID) clientId: string): Promise<ClientReply> {
    return this.directory.get(clientId);
  }

  @Post()
  @ApiOperation({
    operationId: 'createClient',
    summary: 'Add a client, which every replica knows immediately',
    description:
      'With `jwks`, the client authenticates by `private_key_jwt`. Without, the response has a secret ' +
      'that is shown only once.',
  })
  @ApiCreatedResponse({ standardSchema: NewClientReply })
  @ApiBadRequestResponse({ description: 'A service is unknown, or a key cannot be used' })
  @ApiConflictResponse({ description: 'A client already has this id, or a key was revoked' })
  async create(
    @Body({ schema: NewClientRequest }) request: NewClientRequest,
    @CurrentPrincipal() { subject }: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<NewClientReply> {
    const created = await this.clients.create(request);
    this.audit.record('client_added', { by: subject, client: created.clientId });
    void reply.headers(NOT_CACHED);
    return created;
  }

  @Patch(':clientId')
  @ApiOperation({
    operationId: 'changeClient',
    summary: 'Change what a client may do',
    description: 'Tokens that it has keep their scopes until they expire or the client is revoked.',
  })
  @ApiOkResponse({ standardSchema: ClientReply })
  @ApiBadRequestResponse({ description: 'A service is unknown' })
  @ApiNotFoundResponse({ description: 'The client does not exist' })
  @ApiConflictResponse({ description: CONFIGURED })
  async change(
    @Param('clientId', CLIENT_ID) clientId: string,
    @Body({ schema: ClientChangeRequest }) change: ClientChangeRequest,
    @CurrentPrincipal() { subject }: Principal,
  ): Promise<ClientReply> {
    const changed = await this.clients.change(clientId, change);
    this.audit.record('client_changed', { by: subject, client: changed.clientId });
    return changed;
  }

  @Post(':clientId/credentials')
  @ApiOperation({
    operationId: 'addCredential',
    summary: 'Give a client another secret, or another key',
    description:
      'The earlier credential stays valid until it is removed. A client has at most two.',
  })
  @ApiCreatedResponse({ standardSchema: NewCredentialReply })
  @ApiBadRequestResponse({ description: 'The key cannot be used' })
  @ApiNotFoundResponse({ description: 'The client does not exist' })
  @ApiConflictResponse({ description: `The client has two credentials. ${CONFIGURED}` })
  async addCredential(
    @Param('clientId', CLIENT_ID) clientId: string,
    @Body(CREDENTIAL) request: NewCredentialRequest,
    @CurrentPrincipal() { subject }: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<NewCredentialReply> {
    const added = await this.clients.addCredential(clientId, request);
    const { id: credentialId } = added;
    this.audit.record('client_credential_added', { by: subject, client: clientId, credentialId });
    void reply.headers(NOT_CACHED);
    return added;
  }

  @Delete(':clientId/credentials/:credentialId')
  @HttpCode(204)
  @IgnoresBody()
  @ApiOperation({
    operationId: 'deleteCredential',
    summary: 'Remove a credential',
    description:
      'Tokens that the client got with it stay valid until they expire; revoking the client ends them.',
  })
  @ApiNoContentResponse({ description: 'No replica accepts the credential any more' })
  @ApiNotFoundResponse({ description: 'The client or the credential does not exist' })
  @ApiConflictResponse({ description: CONFIGURED })
  async removeCredential(
    @Param('clientId', CLIENT_ID) clientId: string,
    @Param('credentialId', { schema: PresentedCredentialId }) credentialId: string,
    @CurrentPrincipal() { subject }: Principal,
  ): Promise<void> {
    await this.clients.removeCredential(clientId, credentialId);
    this.audit.record('client_credential_removed', { by: subject, client: clientId, credentialId });
  }

  @Delete(':clientId')
  @IgnoresBody()
  @ApiOperation({ operationId: 'deleteClient', summary: 'Remove a client, and revoke its tokens' })
  @ApiRevocation()
  @ApiNotFoundResponse({ description: 'The client does not exist' })
  @ApiConflictResponse({ description: CONFIGURED })
  async remove(
    @Param('clientId', CLIENT_ID) clientId: string,
    @CurrentPrincipal() { subject }: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RevocationPendingReply | undefined> {
    return this.answer.send(reply, await this.adminService.removeClient(clientId, subject));
  }
}
