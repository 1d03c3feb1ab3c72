import { SNAPSHOT_MEDIA_TYPE, SNAPSHOT_PATH } from '@latchkey/contracts';
import { OAuthError, SnapshotForm } from '@latchkey/contracts/auth-api';
import { unavailable } from '@latchkey/service-kit';
import {
  applyDecorators,
  Body,
  Controller,
  Get,
  Headers,
  HttpCode,
  Post,
  Res,
} from '@nestjs/common';
import {
  ApiBasicAuth,
  ApiConsumes,
  ApiOkResponse,
  ApiOperation,
  ApiServiceUnavailableResponse,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Readable } from 'node:stream';
import { ClientAuthentication } from '../clients/client-authentication.js';
import { ApiOAuthErrors, FORM_MEDIA_TYPE } from '../oauth/oauth-wire.js';
import { whenClosed } from '../platform/admission/client-disconnect.js';
import { SnapshotStore, type Snapshot } from './snapshot-store.js';

const MAX_DOWNLOADS = 16;
/** A client that is slower than this is better off reading the stream. */
const MAX_DOWNLOAD_MILLISECONDS = 60_000;

/** Describes a route that sends a snapshot. */
const ApiSnapshot = (operationId: string, forWhom: string) =>
  applyDecorators(
    ApiOperation({
      operationId,
      summary: 'A snapshot of all live revocations',
      description:
        `For verifiers that start, or whose stream has lost messages. ${forWhom} ` +
        'The response is a signed line, followed by binary digests and chunks.',
    }),
    ApiOkResponse({
      description: 'The snapshot',
      content: { [SNAPSHOT_MEDIA_TYPE]: { schema: { type: 'string', format: 'binary' } } },
    }),
    ApiOAuthErrors(),
    ApiServiceUnavailableResponse({
      standardSchema: OAuthError,
      description: 'The record is unavailable, or too many downloads are in progress',
    }),
  );

@ApiTags('revocations')
@Controller(SNAPSHOT_PATH)
export class SnapshotController {
  #downloads = 0;

  constructor(
    private readonly clients: ClientAuthentication,
    private readonly snapshots: SnapshotStore,
  ) {}

  @Get()
  @ApiBasicAuth()
  @ApiSnapshot('getSnapshot', 'For clients with a secret.')
  async serve(
    @Headers('authorization') authorization: string | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.clients.requireAuthenticated(authorization, {});
    await this.#send(reply);
  }

  /** An assertion is a parameter of a form (RFC 7521 §4.2), which a GET does not have. */
  @Post()
  @HttpCode(200)
  @ApiConsumes(FORM_MEDIA_TYPE)
  @ApiBasicAuth()
  @ApiSnapshot(
    'getSnapshotByForm',
    'The same for clients that authenticate in the form, such as by `private_key_jwt`.',
  )
  async serveToForm(
    @Body({ schema: SnapshotForm }) form: SnapshotForm,
    @Headers('authorization') authorization: string | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.clients.requireAuthenticated(authorization, form);
    await this.#send(reply);
  }

  async #send(reply: FastifyReply): Promise<void> {
    if (this.#downloads >= MAX_DOWNLOADS)
      throw unavailable('busy', 'Too many snapshot downloads are in progress');
    this.#downloads++;
    const timer = setTimeout(() => reply.raw.destroy(), MAX_DOWNLOAD_MILLISECONDS);
    whenClosed(reply, () => {
      this.#downloads--;
      clearTimeout(timer);
    });
    const body = Readable.from(bytesOf(await this.#current()));
    void reply.header('cache-control', 'no-store').type(SNAPSHOT_MEDIA_TYPE).send(body);
  }

  async #current(): Promise<Snapshot> {
    try {
      return await this.snapshots.current();
    } catch (cause) {
      throw unavailable('record_unavailable', 'The record of revocations is unavailable', cause);
    }
  }
}

function* bytesOf({ head, chunks }: Snapshot): Generator<Buffer> {
  yield head;
  for (const chunk of chunks) {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(chunk.byteLength);
    yield length;
    yield chunk;
  }
}
