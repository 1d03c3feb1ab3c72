import { makeIssuer, startTestNats, waitFor, type TestNats } from '@latchkey/testing';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ObservedFeed } from './observed-feed.js';
import { Publisher } from './publisher.js';

describe('a feed that is catching up', () => {
  let nats: TestNats;
  let connection: NatsConnection;
  let publisher: Publisher;
  let observed: ObservedFeed;
  let server: Server;

  beforeEach(async () => {
    const [started, issuer] = await Promise.all([startTestNats(), makeIssuer()]);
    nats = started;
    connection = await connect(nats.credentials('auth'));
    publisher = new Publisher(connection, issuer);
    await publisher.createStream();
    server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { servers, user, pass } = nats.credentials('orders');
    observed = new ObservedFeed(issuer, {
      ...{ servers, user, password: pass },
      snapshot: {
        url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/revocations/snapshot`,
        ...{ clientId: 'orders', authentication: { clientSecret: 'secret' } },
      },
      verifySnapshot: () => Promise.reject(new Error('there is no snapshot')),
    });
  });
  afterEach(async () => {
    await observed.feed.close();
    await connection.close();
    server.closeAllConnections();
    server.close();
    await nats.close();
  });

  it('applies a log-out at once while a snapshot download stalls', async () => {
    await publisher.revoke('before');
    await publisher.watermark();
    await observed.feed.start();
    // One event is lost, so that the feed requests a snapshot.
    publisher.serial += 1;
    const asked = once(server, 'request') as Promise<[unknown, ServerResponse]>;
    await publisher.watermark();
    const [, held] = await asked;

    await publisher.revoke('meanwhile');
    await waitFor(() => observed.isDenied('meanwhile'));

    expect(held.closed).toBe(false);
    const through = () => observed.denyList.appliedThrough(publisher.issuer.issuer);
    expect(through()).toBe(1);
    held.destroy();
    await publisher.watermark({ serials: { from: 3, through: 3 } });
    await waitFor(() => through() === 3, { what: 'all numbers applied' });
  });
});
