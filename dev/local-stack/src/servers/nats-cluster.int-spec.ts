import { connect, type NatsConnection } from '@nats-io/transport-node';
import { join } from 'node:path';
import { ProcessGroup } from '../processes/process-group.js';
import { startNatsCluster, type NatsCluster } from './nats-cluster.js';
import { natsPasswords } from './nats.js';
import { temporaryDirectory } from '../processes/temporary-directory.js';
import { waitFor } from '../processes/wait-for.js';

const STREAM = 'REVOCATIONS';
/** Three servers have to agree, on a busy machine. */
const ANSWER = { timeout: 10_000 };
const passwords = natsPasswords((user) => `s-${user}`);

describe('startNatsCluster', () => {
  let processes: ProcessGroup;
  let cluster: NatsCluster;
  beforeAll(async () => {
    processes = new ProcessGroup();
    const stateDirectory = temporaryDirectory(processes);
    const storeDirectory = join(stateDirectory, 'nats');
    cluster = await startNatsCluster({ processes, stateDirectory, storeDirectory, passwords });
    await createStream();
  });
  afterAll(() => processes.close());

  async function withAuth<T>(act: (connection: NatsConnection) => Promise<T>): Promise<T> {
    const connection = await connect({
      servers: cluster.url.split(','),
      user: 'auth',
      pass: passwords.auth,
      inboxPrefix: '_INBOX_auth',
    });
    try {
      return await act(connection);
    } finally {
      await connection.close();
    }
  }
  const request = (subject: string, payload: string) =>
    withAuth(async (connection) =>
      (await connection.request(subject, payload, ANSWER)).json<object>(),
    );
  const publish = (subject: string) => waitFor(async () => 'seq' in (await request(subject, 'x')));
  const placement = (current: boolean) =>
    waitFor(
      async () => {
        const found = await cluster.placement(STREAM);
        return found && (!current || found.behind.length === 0) && found;
      },
      {
        // A split vote is repeated after 4 to 9 seconds; each attempt opens three connections.
        ...{ timeoutMs: 90_000, intervalMs: 100 },
        what: current ? 'a stream on three servers' : 'a leader of the stream',
      },
    );

  /** The first attempts fail with "no suitable peers" if the leader has not heard from the others. */
  async function createStream() {
    const config = {
      name: STREAM,
      subjects: ['latchkey.revocations.>'],
      storage: 'file',
      num_replicas: 3,
    };
    await waitFor(
      async () =>
        'config' in (await request(`$JS.API.STREAM.CREATE.${STREAM}`, JSON.stringify(config))),
      { intervalMs: 100, what: 'a stream with three replicas' },
    );
  }

  it('places a stream on three servers', async () => {
    const { leader, followers } = await placement(true);
    const names = [leader, ...followers].map(({ name }) => name).sort();
    expect(names).toEqual(['nats-1', 'nats-2', 'nats-3']);
  });

  it('does not advertise other servers to clients', async () => {
    const advertised = await withAuth((connection) =>
      Promise.resolve(connection.info?.connect_urls ?? []),
    );
    expect(advertised).toEqual([]);
  });

  it('elects another leader when the leader is killed, and lets it rejoin', async () => {
    await publish('latchkey.revocations.session.1');
    const { leader } = await placement(true);
    await leader.kill();
    expect(leader.pid).toBeUndefined();
    const next = await waitFor(
      async () => {
        const found = await cluster.placement(STREAM);
        return found && found.leader !== leader && found;
      },
      { timeoutMs: 30_000 },
    );
    await publish('latchkey.revocations.session.2');
    await leader.restart();
    await cluster.ready();
    const whole = await placement(true);
    expect(whole.followers).toHaveLength(2);
    expect(next.leader.pid).toBeDefined();
  });

  it('remains available while one server is frozen', async () => {
    const { followers } = await placement(true);
    followers[0]?.signal('SIGSTOP');
    try {
      const others = cluster.servers.filter((server) => server !== followers[0]);
      const connection = await connect({
        servers: others.map(({ url }) => url),
        user: 'auth',
        pass: passwords.auth,
        inboxPrefix: '_INBOX_auth',
      });
      const reply = await connection.request('latchkey.revocations.session.3', 'x', ANSWER);
      expect(reply.json()).toHaveProperty('seq');
      await connection.close();
    } finally {
      followers[0]?.signal('SIGCONT');
    }
  });

  it('keeps all messages when all servers are killed', async () => {
    await cluster.kill();
    expect(await cluster.placement(STREAM)).toBeUndefined();
    await cluster.restart();
    // Not of all three: after a crash, a nats-server may not catch up until its next restart.
    await placement(false);
    const info = await request(`$JS.API.STREAM.INFO.${STREAM}`, '');
    expect(info).toMatchObject({ state: { messages: 3 } });
  });
});
