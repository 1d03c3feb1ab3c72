import type { FastifyReply } from 'fastify';
import { EventEmitter } from 'node:events';
import type { ClientAuthentication } from '../clients/client-authentication.js';
import type { SnapshotStore } from './snapshot-store.js';
import { SnapshotController } from './snapshot.controller.js';

const MAX_DOWNLOADS = 16;
const clients = { requireAuthenticated: () => Promise.resolve() };
const snapshots = { current: () => Promise.resolve({ head: Buffer.of(), chunks: [] }) };

/** A response whose client is still connected, or has disconnected before. */
function createReply(destroyed: boolean) {
  const raw = Object.assign(new EventEmitter(), { destroyed, destroy: () => undefined });
  const reply = { raw, header: () => reply, type: () => reply, send: () => reply };
  return reply;
}

describe('SnapshotController', () => {
  let controller: SnapshotController;
  let replies: ReturnType<typeof createReply>[];

  beforeEach(() => {
    controller = new SnapshotController(
      clients as unknown as ClientAuthentication,
      snapshots as unknown as SnapshotStore,
    );
    replies = [];
  });
  afterEach(() => {
    for (const { raw } of replies) raw.emit('close');
  });

  const download = async ({ destroyed = false } = {}) => {
    const reply = createReply(destroyed);
    replies.push(reply);
    await controller.serve('Basic', reply as unknown as FastifyReply);
    return reply;
  };
  const fill = async () => {
    for (let count = 0; count < MAX_DOWNLOADS; count++) await download();
  };

  it('refuses downloads beyond the limit with 503 until one has ended', async () => {
    await fill();
    await expect(download()).rejects.toMatchObject({ status: 503 });
    replies[0]!.raw.emit('close');
    await download();
    await expect(download()).rejects.toMatchObject({ status: 503 });
  });

  it('does not count the download of a client that disconnects during its authentication', async () => {
    for (let count = 0; count < 2 * MAX_DOWNLOADS; count++) await download({ destroyed: true });
    await fill();
    await expect(download()).rejects.toMatchObject({ status: 503 });
  });
});
