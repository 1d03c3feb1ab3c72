import { RECEIPT_REQUEST_SUBJECT, REVOCATION_STREAM } from '@latchkey/contracts';
import { waitFor } from '@latchkey/testing';
import { AckPolicy, jetstreamManager, type ConsumerConfig } from '@nats-io/jetstream';
import { connect, nanos, type NatsConnection } from '@nats-io/transport-node';
import { useAuth } from '../../test/auth-testbed.js';
import { ForeignConsumers } from './foreign-consumers.js';

/** Lets a user create consumers, as the configuration of earlier releases did. */
const withIntruder = (shipped: string) =>
  shipped.replace('users: [', 'users: [\n      { user: intruder, password: intruder }\n      ');

const EARLIER_VERIFIER_CONSUMER: Partial<ConsumerConfig> = {
  name: 'replay-4b4fd1ac-90c8-4e5c-8e29-cd56bd3fa1f1',
  ack_policy: AckPolicy.None,
  mem_storage: true,
  num_replicas: 1,
  inactive_threshold: nanos(10_000),
};

describe('ForeignConsumers', () => {
  const testbed = useAuth({ nats: { change: withIntruder } });
  const { auth } = testbed;
  let intruder: NatsConnection;
  let payments: NatsConnection;

  beforeAll(async () => {
    const { nats } = testbed;
    const { servers } = nats.credentials('auth');
    intruder = await connect({ servers, user: 'intruder', pass: 'intruder' });
    payments = await connect(nats.credentials('payments'));
    for (const connection of [intruder, payments]) testbed.closeFirst(() => connection.close());
    await waitFor(() => create({ name: 'first' }).then(() => true));
  });

  const manager = () => jetstreamManager(intruder, { checkAPI: false });
  const create = async (config: Partial<ConsumerConfig>) =>
    (await manager()).consumers.add(REVOCATION_STREAM, { ack_policy: AckPolicy.None, ...config });
  const names = async () => {
    const found: string[] = [];
    for await (const { name } of (await manager()).consumers.list(REVOCATION_STREAM))
      found.push(name);
    return found;
  };
  const remove = async () => {
    const connection = await connect(testbed.nats.credentials('auth'));
    await auth.service.app.get(ForeignConsumers).removeFrom(connection);
    await connection.close();
  };

  it.each<[string, Partial<ConsumerConfig>]>([
    ['push', { name: 'pushes', deliver_subject: RECEIPT_REQUEST_SUBJECT }],
    ['push group', { name: 'group', deliver_subject: 'latchkey.x', deliver_group: 'g' }],
    ['durable', { durable_name: 'durable' }],
    ['durable push', { durable_name: 'both', deliver_subject: RECEIPT_REQUEST_SUBJECT }],
  ])('deletes and logs a %s consumer', async (_, config) => {
    const { name } = await create(config);
    await remove();
    expect(await names()).not.toContain(name);
    // The service may have deleted the consumer on its own, and logs that when it has read the reply.
    const line = await waitFor(() =>
      auth.log.text.split('\n').find((each) => each.includes(`"consumer":"${name}"`)),
    );
    expect(line).toContain('foreign consumer');
  });

  it('finds one consumer among many', async () => {
    for (let index = 0; index < 300; index++)
      await create({ name: `idle-${index}`, inactive_threshold: nanos(10_000) });
    await create({ name: 'zzz', deliver_subject: RECEIPT_REQUEST_SUBJECT });
    await remove();
    const left = await names();
    expect(left).toContain('idle-299');
    expect(left).not.toContain('zzz');
  });

  it('keeps the consumers of verifiers of earlier releases', async () => {
    const { name } = await create(EARLIER_VERIFIER_CONSUMER);
    await remove();
    expect(await names()).toContain(name);
  });

  it("neither lists nor deletes consumers of another environment's stream", async () => {
    const { streams } = await manager();
    const { metadata = {} } = (await streams.info(REVOCATION_STREAM)).config;
    const theirs = { ...metadata, 'latchkey-issuer': 'http://auth.elsewhere.test' };
    await streams.update(REVOCATION_STREAM, { metadata: theirs });
    const { name } = await create({ durable_name: 'theirs', deliver_subject: 'elsewhere.x' });
    const asked: string[] = [];
    const requests = intruder.subscribe('$JS.API.CONSUMER.>', {
      callback: (_, { subject }) => void asked.push(subject),
    });
    await intruder.flush();
    await remove();
    await intruder.flush();
    requests.unsubscribe();
    expect(asked).toEqual([]);
    expect(await names()).toContain(name);
    await streams.update(REVOCATION_STREAM, { metadata });
    await remove();
    expect(await names()).not.toContain(name);
  });

  it('stops a durable consumer that floods the verifiers', async () => {
    let heard = 0;
    payments.subscribe(RECEIPT_REQUEST_SUBJECT, { callback: () => void heard++ });
    await payments.flush();
    const planted = { durable_name: 'flood', deliver_subject: RECEIPT_REQUEST_SUBJECT };
    await create({ ...planted, ack_policy: AckPolicy.Explicit, ack_wait: nanos(50) });
    await waitFor(() => heard > 3);
    await waitFor(async () => !(await names()).includes('flood'));
    // The consumer is gone shortly before auth reads the reply and logs it.
    await waitFor(() => auth.log.text.includes('"durable":"flood"'));
  });
});
