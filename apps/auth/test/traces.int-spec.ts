import { REVOCATION_STREAM } from '@latchkey/contracts';
import { TRACEPARENT_HEADER } from '@latchkey/contracts/diagnostics';
import { recordRequestStatements } from '@latchkey/service-kit/suite';
import { OtlpReceiver, waitFor, type ReceivedSpan } from '@latchkey/testing';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { randomBytes } from 'node:crypto';
import { PASSWORD } from './auth-fixture.js';
import { AuthTestbed } from './auth-testbed.js';
import { EXCHANGING_CLIENTS, exchangeToken } from './token-exchange-fixture.js';
import { RunningVerifier } from './verifier-fixture.js';

const CALLER = '00f067aa0ba902b7';
const SEND = 'send latchkey.revocations';
const PROCESS = 'process latchkey.revocations';

describe('the trace of a request to auth', () => {
  const testbed = new AuthTestbed({ env: { OAUTH_CLIENTS: EXCHANGING_CLIENTS } });
  const { auth } = testbed;
  let receiver: OtlpReceiver;
  let ada: string;
  beforeAll(async () => {
    receiver = await OtlpReceiver.start();
    await testbed.start({
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_BSP_SCHEDULE_DELAY: '20',
    });
    const verifier = await RunningVerifier.start(auth, testbed.nats);
    testbed.closeFirst(() => verifier.close());
    ada = await auth.register();
  });
  afterAll(async () => {
    await testbed.close();
    await receiver.close();
  });

  /** A caller's trace, and the spans of it that the receiver has. */
  const newTrace = () => {
    const traceId = randomBytes(16).toString('hex');
    const headers = { traceparent: `00-${traceId}-${CALLER}-01` };
    const span = (name: string): Promise<ReceivedSpan> =>
      waitFor(() => receiver.trace(traceId).find((each) => each.name === name), {
        timeoutMs: 15_000,
        what: `a span ${name}`,
      });
    return { traceId, headers, span };
  };
  const logOut = async (headers: Record<string, string>) => {
    const { access_token: token } = await auth.logIn(ada);
    return auth.post('/logout', { token, headers });
  };

  /** The headers of the revocation that was published last. */
  const publishedHeaders = async () => {
    const connection = await connect(testbed.nats.credentials('auth'));
    try {
      const manager = await jetstreamManager(connection, { checkAPI: false });
      const { state } = await manager.streams.info(REVOCATION_STREAM);
      for (let seq = state.last_seq; seq >= state.first_seq; seq -= 1) {
        const message = await manager.streams.getMessage(REVOCATION_STREAM, { seq });
        if (message?.subject.includes('.session.')) return message.header;
      }
      throw new Error('the stream has no revocation of a session');
    } finally {
      await connection.close();
    }
  };

  it('goes from a log-out over its commit and publication to the verifier', async () => {
    const trace = newTrace();
    expect((await logOut(trace.headers)).status).toBe(204);
    const server = await trace.span('POST /logout');
    expect(server).toMatchObject({ service: 'auth', kind: 'server', parentSpanId: CALLER });
    for (const statement of ['INSERT', 'COMMIT'])
      expect(await trace.span(statement)).toMatchObject({
        kind: 'client',
        parentSpanId: server.spanId,
        attributes: { 'db.system.name': 'postgresql' },
      });
    const sent = await trace.span(SEND);
    expect(sent).toMatchObject({
      kind: 'producer',
      parentSpanId: server.spanId,
      attributes: { 'messaging.system': 'nats', 'latchkey.revocation.kind': 'session' },
    });
    expect(await trace.span(PROCESS)).toMatchObject({
      kind: 'consumer',
      parentSpanId: sent.spanId,
      attributes: {
        'latchkey.revocation.serial': sent.attributes['latchkey.revocation.serial'],
        'latchkey.revocation.live': true,
      },
    });
    const header = await publishedHeaders();
    expect(header.values(TRACEPARENT_HEADER)).toEqual([`00-${trace.traceId}-${sent.spanId}-01`]);
  });

  it('goes on when NATS is back, although the request has ended', async () => {
    const trace = newTrace();
    await testbed.nats.stop();
    try {
      expect((await logOut(trace.headers)).status).toBe(202);
    } finally {
      await testbed.nats.restart();
    }
    const server = await trace.span('POST /logout');
    const sent = await trace.span(SEND);
    expect(sent.parentSpanId).toBe(server.spanId);
    expect(await trace.span(PROCESS)).toMatchObject({ service: 'auth' });
  });

  it('has a span for a token exchange', async () => {
    const trace = newTrace();
    const { access_token: token } = await auth.logIn(ada);
    const answer = await exchangeToken(auth, 'orders', token, {}, trace.headers);
    expect(answer.status).toBe(200);
    const server = await trace.span('POST /oauth/token');
    expect(await trace.span('issue token')).toMatchObject({
      kind: 'internal',
      parentSpanId: server.spanId,
      attributes: { 'oauth.grant.type': 'urn:ietf:params:oauth:grant-type:token-exchange' },
    });
  });

  it('sends no more statements than without traces', async () => {
    const { access_token: token } = await auth.logIn(ada);
    const statements = await recordRequestStatements(() => auth.post('/logout', { token }));
    expect(statements).toHaveLength(8);
  });

  it('contains no token, password, name or parameter of a statement', async () => {
    const trace = newTrace();
    const { headers } = trace;
    const { body } = await auth.post('/login', {
      json: { username: ada, password: PASSWORD },
      headers,
    });
    const { access_token: token, refresh_token: refreshToken } = body;
    await auth.send('GET', '/sessions', { token, headers });
    await auth.refresh(refreshToken);
    await auth.post('/logout', { token, headers });
    await trace.span(PROCESS);
    const [, payload = ''] = token.split('.');
    const { sub, sid } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<
      string,
      string
    >;
    for (const secret of [token, payload, refreshToken, PASSWORD, ada, sub, sid])
      expect(receiver.text).not.toContain(secret);
  });

  it.each([
    ['no traceparent', null],
    ['garbage for a traceparent', 'garbage'],
  ])('does not matter to a revocation whose row has %s', async (_, traceparent) => {
    await testbed.nats.stop();
    const { access_token: token, sid } = await auth.logIn(ada);
    try {
      expect((await auth.post('/logout', { token })).status).toBe(202);
      await testbed.sql('UPDATE revocations SET traceparent = $2 WHERE session_id = $1', [
        sid,
        traceparent,
      ]);
    } finally {
      await testbed.nats.restart();
    }
    await waitFor(
      async () => {
        const [row] = await testbed.sql<{ published_at: Date | null }>(
          'SELECT published_at FROM revocations WHERE session_id = $1',
          [sid],
        );
        return row?.published_at !== null;
      },
      { timeoutMs: 15_000, what: 'the publication' },
    );
  });
});
