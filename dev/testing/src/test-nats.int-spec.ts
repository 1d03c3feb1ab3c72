import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { waitFor } from '@latchkey/local-stack';
import { startTestNats } from './test-nats.js';

/** On a busy machine the server may time out before it reads the credentials. */
const REFUSED = /authorization violation|authentication timeout/i;

describe('startTestNats', () => {
  it('keeps acknowledged messages and the port when it is killed', async () => {
    const nats = await startTestNats();
    try {
      const before = await connect({ ...nats.credentials('auth'), reconnect: false });
      const manager = await jetstreamManager(before);
      await manager.streams.add({ name: 'REVOCATIONS', subjects: ['latchkey.revocations.>'] });
      await jetstream(before).publish('latchkey.revocations.session.1', 'x');
      await Promise.all([nats.kill(), before.closed()]);
      await nats.restart();
      const after = await connect({ ...nats.credentials('auth'), reconnectTimeWait: 20 });
      const { state } = await (await jetstreamManager(after)).streams.info('REVOCATIONS');
      expect(state.messages).toBe(1);
      await nats.loseStore();
      await waitFor(async () => after.flush().then(() => true));
      const lost = (await jetstreamManager(after)).streams.info('REVOCATIONS');
      await expect(lost).rejects.toThrow(/stream not found/);
      await after.close();
    } finally {
      await nats.close();
    }
  });

  it('refuses clients without the password', async () => {
    const nats = await startTestNats();
    try {
      const { servers } = nats.credentials('orders');
      await expect(connect({ servers })).rejects.toThrow(REFUSED);
      await expect(connect({ servers, user: 'orders', pass: '' })).rejects.toThrow(REFUSED);
    } finally {
      await nats.close();
    }
  });
});
