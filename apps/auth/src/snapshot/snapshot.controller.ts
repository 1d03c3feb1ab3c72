import { SNAPSHOT_MEDIA_TYPE, SNAPSHOT_PATH } from '@latchkey/contracts';
import { OAuthError } from '@latchkey/contracts/auth-api';
import { unavailable } from '@latchkey/service-kit';
import { Controller, Get, Headers, Res } from '@nestjs/common';
import {
  ApiBasicAuth,
  ApiOkResponse,
  ApiOperation,
  ApiProduces,
  ApiServiceUnavailableResponse,
  ApiTags,
  ApiUnauthorizedResponse,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Readable } from 'node:stream';
import { ClientAuthentication } from '../clients/client-authentication.js';
import { SnapshotStore, type Snapshot } from './snapshot-store.js';

const MAX_DOWNLOADS = 16;
/** Who reads more slowly than that is better off with the stream. */
const LONGEST_DOWNLOAD_MILLISECONDS = 60_000;

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
  @ApiOperation({
    summary: 'All live revocations at once, for a verifier that starts or has lost something',
    description: 'For authenticated clients. A signed line, then digests and chunks in binary.',
  })
  @ApiProduces(SNAPSHOT_MEDIA_TYPE)
  @ApiOkResponse({ description: 'The snapshot' })
  @ApiUnauthorizedResponse({ standardSchema: OAuthError })
  @ApiServiceUnavailableResponse({ description: 'The record is away, or too many are downloading' })
  async serve(
    @Headers('authorization') authorization: string | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.clients.requireAuthenticated(authorization, {});
    if (this.#downloads >= MAX_DOWNLOADS)
      throw unavailable('busy', 'Too many snapshots are being downloaded');
    this.#downloads++;
    const timer = setTimeout(() => reply.raw.destroy(), LONGEST_DOWNLOAD_MILLISECONDS);
    // Told for an answer that was sent as for one that broke off.
    reply.raw.once('close', () => {
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
      throw unavailable('record_unavailable', 'The record of revocations is away', cause);
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
