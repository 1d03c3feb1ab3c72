import { REVOCATION_STREAM } from '@latchkey/contracts';
import { waitFor, type TestNats } from '@latchkey/testing';
import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';

/** Manages the stream on a connection of its own. */
export async function asStreamManager<Reply>(
  nats: TestNats,
  use: (manager: JetStreamManager) => Promise<Reply>,
): Promise<Reply> {
  const connection = await connect({ ...nats.credentials('auth'), inboxPrefix: '_INBOX_auth' });
  try {
    return await use(await jetstreamManager(connection, { checkAPI: false }));
  } finally {
    await connection.close();
  }
}

export const streamMetadata = (nats: TestNats): Promise<Record<string, string>> =>
  asStreamManager(
    nats,
    async ({ streams }) => (await streams.info(REVOCATION_STREAM)).config.metadata ?? {},
  );

/** Expires all messages, as if nothing had been published for longer than their maximum age. */
export const expireAllMessages = (nats: TestNats): Promise<void> =>
  asStreamManager(nats, async ({ streams }) => {
    const { config } = await streams.info(REVOCATION_STREAM);
    await streams.update(REVOCATION_STREAM, {
      max_age: 100_000_000,
      duplicate_window: 100_000_000,
    });
    await waitFor(async () => (await streams.info(REVOCATION_STREAM)).state.messages === 0, {
      what: 'an empty stream',
    });
    const { max_age, duplicate_window } = config;
    await streams.update(REVOCATION_STREAM, { max_age, duplicate_window });
  });
