import { call } from '@latchkey/local-stack';
import { OtlpReceiver, TestUser, waitFor, type ReceivedSpan } from '@latchkey/testing';
import { randomBytes, randomUUID } from 'node:crypto';
import { startStack, type RunningStack } from '../../src/running-stack.js';
import { wantedOrder } from '../../src/wanted-order.js';

const CALLER = '00f067aa0ba902b7';

/** The spans whose parents are not in the trace. */
const rootsOf = (spans: readonly ReceivedSpan[]) => {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  return spans.filter(({ parentSpanId }) => !ids.has(parentSpanId!));
};

describe('a trace', () => {
  let receiver: OtlpReceiver;
  let running: RunningStack;
  let ada: TestUser;
  beforeAll(async () => {
    receiver = await OtlpReceiver.start();
    const tracing = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_BSP_SCHEDULE_DELAY: '100' };
    running = await startStack({ env: { all: tracing } });
    ada = await TestUser.register(running.stack.issuer);
  });
  afterAll(async () => {
    await running?.close();
    await receiver?.close();
  });

  const newTrace = () => {
    const traceId = randomBytes(16).toString('hex');
    const complete = (isComplete: (spans: ReceivedSpan[]) => boolean) =>
      waitFor(
        () => {
          const spans = receiver.trace(traceId);
          // Processes export their spans when they like: a child may arrive before its parent.
          return isComplete(spans) && rootsOf(spans).length === 1 && spans;
        },
        { timeoutMs: 20_000, what: 'the whole trace' },
      );
    return { headers: { traceparent: `00-${traceId}-${CALLER}-01` }, complete };
  };
  const named = (spans: ReceivedSpan[], kind: ReceivedSpan['kind']) =>
    spans.filter((span) => span.kind === kind).map(({ service, name }) => `${service}: ${name}`);
  const expectOneTree = (spans: ReceivedSpan[]) =>
    expect(rootsOf(spans).map(({ parentSpanId }) => parentSpanId)).toEqual([CALLER]);

  it('goes from an order over all services to payments', async () => {
    const { replicas } = running.stack;
    const { access_token: token } = await ada.logIn();
    const products = await call(`${replicas.inventory.url}/products`, { token });
    const { headers, complete } = newTrace();
    const answer = await call(`${replicas['orders-1'].url}/orders`, {
      token,
      json: wantedOrder(products.body),
      headers: { ...headers, 'idempotency-key': randomUUID() },
    });
    expect(answer.status).toBe(201);
    const servers = [
      // Orders exchanges the user's token for each of the services that it calls.
      'auth: POST /oauth/token',
      'auth: POST /oauth/token',
      'inventory: POST /reservations',
      'inventory: POST /reservations/:id/sell',
      'orders: POST /orders',
      'payments: POST /payments',
    ];
    const spans = await complete((found) => named(found, 'server').length === servers.length);
    expect(named(spans, 'server').sort()).toEqual(servers);
    expectOneTree(spans);
    const verified = spans.filter(({ name }) => name === 'verify token');
    expect(verified.map(({ service }) => service)).toEqual(
      expect.arrayContaining(['orders', 'inventory', 'payments']),
    );
    for (const service of ['orders', 'inventory', 'payments'])
      expect(named(spans, 'client')).toContain(`${service}: INSERT`);
    expect(receiver.text).not.toContain(token.split('.')[1]);
  });

  it('goes from a log-out to every verifier that applies it', async () => {
    const { access_token: token } = await ada.logIn();
    const { headers, complete } = newTrace();
    const answer = await call(`${running.stack.issuer}/logout`, { method: 'POST', token, headers });
    expect(answer.status).toBe(204);
    const spans = await complete((found) => named(found, 'consumer').length === 4);
    expectOneTree(spans);
    expect(named(spans, 'server')).toEqual(['auth: POST /logout']);
    // A publication that is not acknowledged within 300 ms is tried again, under the same message id.
    expect(new Set(named(spans, 'producer'))).toEqual(new Set(['auth: send latchkey.revocations']));
    expect(named(spans, 'client')).toEqual(
      expect.arrayContaining(['auth: INSERT', 'auth: COMMIT']),
    );
    const apply = (service: string) => `${service}: process latchkey.revocations`;
    expect(named(spans, 'consumer').sort()).toEqual(
      ['inventory', 'orders', 'orders', 'payments'].map(apply),
    );
    const producers = spans.filter(({ kind }) => kind === 'producer');
    for (const span of spans.filter(({ kind }) => kind === 'consumer'))
      expect(producers.map(({ spanId }) => spanId)).toContain(span.parentSpanId);
  });
});
