import { waitFor, type ReceivedSpan } from '@latchkey/testing';
import { randomBytes } from 'node:crypto';
import net from 'node:net';
import { TracedThings } from '../../test/tracing-fixture.js';
import { SAMPLERS } from './tracing-options.js';

const newId = () => randomBytes(16).toString('hex');
const CALLER = '00f067aa0ba902b7';

describe.each(['http/protobuf', 'http/json'] as const)('traces over %s', (protocol) => {
  let things: TracedThings;
  beforeAll(async () => {
    things = await TracedThings.start({
      protocol,
      headers: { authorization: 'Bearer for-the-receiver' },
      resourceAttributes: { 'deployment.environment.name': 'test' },
    });
  });
  afterAll(() => things.close());

  const traceOf = async (traceId: string, spans: number): Promise<ReceivedSpan[]> => {
    await waitFor(() => Promise.resolve(things.receiver.trace(traceId).length >= spans));
    return things.receiver.trace(traceId);
  };

  it('have a span for each request, by its route, in the trace of the caller', async () => {
    const traceId = newId();
    const id = '00000000-0000-4000-8000-000000000000';
    await things.get(`/things/${id}`, { traceparent: `00-${traceId}-${CALLER}-01` });
    const [span] = await traceOf(traceId, 1);
    expect(span).toMatchObject({
      service: 'things',
      name: 'GET /things/:id',
      kind: 'server',
      parentSpanId: CALLER,
      failed: false,
      attributes: {
        'http.request.method': 'GET',
        'http.route': '/things/:id',
        'http.response.status_code': 200,
        'url.scheme': 'http',
      },
    });
    expect(span!.endNanoseconds).toBeGreaterThanOrEqual(span!.startNanoseconds);
    expect(things.receiver.requests.at(-1)).toMatchObject({
      authorization: 'Bearer for-the-receiver',
    });
  });

  it('continue in the service that a request calls, with one traceparent', async () => {
    const traceId = newId();
    const answer = await things.get('/calls', { traceparent: `00-${traceId}-${CALLER}-01` });
    const { traceparents } = (await answer.json()) as { traceparents: string[] };
    const spans = await traceOf(traceId, 2);
    const [server, client] = ['server', 'client'].map((kind) =>
      spans.find((span) => span.kind === kind),
    );
    expect(client).toMatchObject({
      name: 'GET',
      kind: 'client',
      parentSpanId: server!.spanId,
      attributes: { 'http.response.status_code': 200 },
    });
    expect(traceparents).toEqual([`00-${traceId}-${client!.spanId}-01`]);
  });

  it.each([
    ['/things/broken', 500, true, '500'],
    ['/things/taken', 409, false, undefined],
    ['/things/away', 503, true, '503'],
  ])('say how %s was answered', async (path, status, failed, type) => {
    const traceId = newId();
    await things.get(path, { traceparent: `00-${traceId}-${CALLER}-01` });
    const [span] = await traceOf(traceId, 1);
    expect(span).toMatchObject({ failed, attributes: { 'http.response.status_code': status } });
    expect(span!.attributes['error.type']).toBe(type);
  });

  it('say that the caller hung up', async () => {
    const traceId = newId();
    const socket = net.connect(things.service.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(
      `GET /things/slow HTTP/1.1\r\nHost: x\r\ntraceparent: 00-${traceId}-${CALLER}-01\r\n\r\n`,
      () => setImmediate(() => socket.destroy()),
    );
    const [span] = await traceOf(traceId, 1);
    expect(span).toMatchObject({ failed: true, attributes: { 'error.type': 'aborted' } });
  });

  it('contain nothing of paths, queries, headers, bodies and addresses', async () => {
    const traceId = newId();
    const secret = newId();
    const headers = {
      traceparent: `00-${traceId}-${CALLER}-01`,
      authorization: `Bearer ${secret}`,
      cookie: `session=${secret}`,
      'user-agent': secret,
      'x-request-id': secret,
      baggage: `user=${secret}`,
    };
    await things.get(`/nothing/${secret}?token=${secret}`, headers);
    await things.get(`/calls`, headers);
    const spans = await traceOf(traceId, 3);
    expect(spans.find(({ name }) => name === 'GET')?.attributes).not.toHaveProperty('http.route');
    expect(things.receiver.text).not.toContain(secret);
    expect(things.receiver.text).not.toContain('secret');
  });

  it('leave out health checks and metrics', async () => {
    const traceparent = `00-${newId()}-${CALLER}-01`;
    for (const path of ['/health/live', '/health/ready', '/metrics'])
      await things.get(path, { traceparent });
    const last = newId();
    await things.get('/things/public', { traceparent: `00-${last}-${CALLER}-01` });
    await traceOf(last, 1);
    expect(things.receiver.spans.map(({ name }) => name).join()).not.toMatch(/health|metrics/);
  });

  it('are in the log lines of a request', async () => {
    const traceId = newId();
    await things.get('/things/broken', { traceparent: `00-${traceId}-${CALLER}-01` });
    const [span] = await traceOf(traceId, 1);
    const lines = things.logLines.filter((line) => line['trace_id'] === traceId);
    expect(lines.map((line) => line['msg'])).toEqual(['unexpected error', 'request answered']);
    for (const line of lines) expect(line['span_id']).toBe(span!.spanId);
  });
});

describe('a traceparent', () => {
  let things: TracedThings;
  beforeAll(async () => {
    things = await TracedThings.start();
  });
  afterAll(() => things.close());

  const VALID = '4bf92f3577b34da6a3ce929d0e0e4736';
  it.each([
    '',
    ' ',
    'garbage',
    VALID,
    `00-${VALID}-${CALLER}`,
    `00-${VALID.toUpperCase()}-${CALLER}-01`,
    `00-${'0'.repeat(32)}-${CALLER}-01`,
    `00-${VALID}-${'0'.repeat(16)}-01`,
    `ff-${VALID}-${CALLER}-01`,
    `00-${VALID}-${CALLER}-01-more`,
    `00-${VALID}-${CALLER}-1`,
    `00-${VALID}a-${CALLER}-01`,
    `00-${VALID}-${CALLER}-01, 00-${VALID}-${CALLER}-01`,
    `0x-${VALID}-${CALLER}-01`,
    `00-${VALID}-${CALLER}-01\u00e9`,
    '0'.repeat(8_000),
  ])('that is malformed begins a new trace: %#', async (traceparent) => {
    const before = things.receiver.spans.length;
    expect((await things.get('/things/public', { traceparent })).status).toBe(200);
    await waitFor(() => Promise.resolve(things.receiver.spans.length > before));
    const span = things.receiver.spans[before]!;
    expect(span.parentSpanId).toBeUndefined();
    expect(span.traceId).not.toBe(VALID);
  });
});

describe('samplers', () => {
  const LOW = `00-${'0'.repeat(31)}1-${CALLER}`;
  const HIGH = `00-${'f'.repeat(8)}${'0'.repeat(24)}-${CALLER}`;
  /**
   * Whether each records a trace with a ratio of 0.5: of a sampled and an unsampled caller, with a low and a high id.
   */
  const RECORDED = {
    always_on: [true, true, true, true],
    always_off: [false, false, false, false],
    traceidratio: [true, false, true, false],
    parentbased_always_on: [true, true, false, false],
    parentbased_always_off: [true, true, false, false],
    parentbased_traceidratio: [true, true, false, false],
  } satisfies Record<(typeof SAMPLERS)[number], boolean[]>;
  const SPANS = ['a', 'b', 'c', 'd'].map((digit) => digit.repeat(16));
  const CALLERS = [`${LOW}-01`, `${HIGH}-01`, `${LOW}-00`, `${HIGH}-00`];

  it.each(SAMPLERS)('%s decides what is recorded', async (sampler) => {
    const things = await TracedThings.start({ sampler, ratio: 0.5 });
    try {
      const sent = CALLERS.map((traceparent, index) => traceparent.replace(CALLER, SPANS[index]!));
      for (const traceparent of sent) await things.get('/things/public', { traceparent });
      await things.service.close();
      const parents = things.receiver.spans.map(({ parentSpanId }) => parentSpanId);
      const recorded = SPANS.map((spanId) => parents.includes(spanId));
      expect(recorded).toEqual(RECORDED[sampler]);
    } finally {
      await things.close();
    }
  });
});

describe('a service without traces', () => {
  let things: TracedThings;
  beforeAll(async () => {
    things = await TracedThings.start('off');
  });
  afterAll(() => things.close());

  const passedOn = async (traceparent: string) => {
    const answer = await things.get('/calls', { traceparent });
    return ((await answer.json()) as { traceparents: string[] }).traceparents;
  };

  it("passes its caller's traceparent on, if it is valid", async () => {
    const traceparent = `00-${newId()}-${CALLER}-01`;
    expect(await passedOn(traceparent)).toEqual([traceparent]);
    expect(await passedOn('garbage')).toEqual([]);
    expect(await passedOn(`${traceparent}, ${traceparent}`)).toEqual([]);
    expect(things.log).not.toContain('trace_id');
  });
});
