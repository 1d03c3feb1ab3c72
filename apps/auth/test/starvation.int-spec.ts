import { startTestNats, waitFor, waitingFor } from '@latchkey/testing';
import { DataSource, type QueryRunner } from 'typeorm';
import {
  AuthReplica,
  basicAuthorization,
  claimsOf,
  CLIENT,
  ISSUER,
  type Answer,
} from './auth-fixture.js';
import { useAuth } from './auth-testbed.js';
import { RunningVerifier } from './verifier-fixture.js';
import { startAuthDatabase } from './auth-database.js';

const POOL_SIZE = 3;

describe('while other clients hold every connection for requests', () => {
  const testbed = useAuth({
    env: {
      DATABASE_POOL_SIZE: `${POOL_SIZE}`,
      SIGNING_KEY_PUBLISH_AHEAD_SECONDS: '1',
      SIGNING_KEY_ROTATION_SECONDS: '1',
    },
  });
  const { auth } = testbed;
  let denyList: RunningVerifier['denyList'];
  let other: DataSource;
  let lock: QueryRunner;
  let stranger: string;
  let otherRequests: Promise<Answer>[];
  let tokens: Awaited<ReturnType<AuthReplica['logIn']>>[];

  beforeAll(async () => {
    const verifier = await RunningVerifier.start(auth, testbed.nats);
    testbed.closeFirst(() => verifier.close());
    denyList = verifier.denyList;
    other = new DataSource({ type: 'postgres', url: testbed.database.url });
    await other.initialize();
    testbed.closeFirst(() => other.destroy());
    const users = [await auth.register(), await auth.register()];
    stranger = await auth.register();
    tokens = await Promise.all([...users, ...users].map((name) => auth.logIn(name)));
  });

  const waiting = async () =>
    (await waitingFor((query, holder) => lock.query(query, holder))).length;

  beforeEach(async () => {
    const sessions = await Promise.all(
      Array.from({ length: POOL_SIZE }, () => auth.logIn(stranger)),
    );
    lock = other.createQueryRunner();
    await lock.startTransaction();
    // Refreshes wait for this lock, whereas log-outs only read the table.
    await lock.query('LOCK TABLE refresh_tokens IN SHARE MODE');
    otherRequests = sessions.map(({ refresh_token }) => auth.refresh(refresh_token));
    await waitFor(async () => (await waiting()) >= POOL_SIZE);
  });
  afterEach(async () => {
    await lock.rollbackTransaction();
    await lock.release();
    await Promise.all(otherRequests);
  });

  it('the relay still publishes watermarks', async () => {
    for (let round = 0; round < 3; round += 1) {
      const since = performance.now();
      // Only a watermark that was signed meanwhile can be newer than this.
      const isNewer = () =>
        denyList.stalenessSeconds(ISSUER) < (performance.now() - since) / 1_000 - 0.01;
      await waitFor(isNewer, { what: 'a new watermark' });
    }
    expect(auth.log.text).not.toMatch(/connection to NATS|cannot be reached/);
  });

  it('log-outs are confirmed and reach verifiers', async () => {
    const [one, all] = [tokens.pop()!, tokens.pop()!];
    const { access_token: token, sid } = one;
    expect((await auth.post('/logout', { token })).status).toBe(204);
    const { sub: subject } = claimsOf(all.access_token);
    const everywhere = await auth.post('/logout/everywhere', { token: all.access_token });
    expect(everywhere.status).toBe(204);
    const denied = (sessionId: string) =>
      denyList.isRevoked({ issuer: ISSUER, subject, issuedAt: 1, keyId: 'k', sessionId });
    await waitFor(() => denied(sid) && denied(all.sid));
  });

  it('a refresh token still ends its session', async () => {
    const { refresh_token: refreshToken } = tokens.pop()!;
    const answer = await auth.post('/logout', { json: { refreshToken } });
    expect(answer.status).toBe(204);
  });

  it('signing keys are still rotated and served', async () => {
    const keySet = async () => {
      const { status, text } = await auth.send('GET', '/.well-known/jwks.json');
      expect(status).toBe(200);
      return text;
    };
    const before = await keySet();
    await waitFor(async () => (await keySet()) !== before);
  });

  it('the service is ready and serves snapshots', async () => {
    expect(await auth.isReady()).toBe(true);
    const { id, secret } = CLIENT;
    const body = new URLSearchParams({ client_id: id, client_secret: secret });
    for (const request of [{ headers: basicAuthorization(id, secret) }, { method: 'POST', body }]) {
      const answer = await fetch(`${auth.url}/revocations/snapshot`, request);
      expect(answer.status).toBe(200);
      await answer.arrayBuffer();
    }
  });

  it('other requests fail because all connections are in use, not because the database is unavailable', async () => {
    const { status, headers, body } = await auth.send('GET', '/sessions', {
      token: tokens[0]!.access_token,
    });
    expect({ status, code: body.code }).toEqual({ status: 503, code: 'database_busy' });
    expect(headers.get('retry-after')).toBe('1');
    expect(auth.log.text).toContain('All connections to the database are in use');
    expect(auth.log.text).not.toContain('cannot be reached');
  });

  it('a locked record is not reported as a failure of NATS, whose connection stays', async () => {
    const record = other.createQueryRunner();
    await record.startTransaction();
    await record.query('LOCK TABLE revocation_stream');
    const failed = () => auth.log.text.includes('revocations cannot be published');
    await waitFor(failed, { timeoutMs: 40_000, what: 'a round that fails' });
    await record.rollbackTransaction();
    await record.release();
    await waitFor(() => auth.log.text.includes('revocations are published again'));
    expect(auth.log.text).not.toMatch(/trying another|connection to NATS lost/);
  });

  it('nonsense and wrong secrets are refused without using a connection', async () => {
    expect(await auth.refresh('nonsense')).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant' },
    });
    for (const id of [CLIENT.id, 'stranger']) {
      const form = { token: 'x', client_id: id, client_secret: 'a guess' };
      expect((await auth.post('/oauth/introspect', { form })).status).toBe(401);
    }
  });
});

describe('the classes of routes', () => {
  it('name routes that exist', async () => {
    const { ROUTE_CLASSES } = await import('../src/platform/admission/route-classes.js');
    const [database, nats] = await Promise.all([startAuthDatabase(), startTestNats()]);
    const auth = await AuthReplica.start({
      databaseUrl: database.url,
      nats: nats.credentials('auth'),
      env: {
        SESSION_STORE_URL: database.url,
        SESSION_ORIGINS: 'https://shop.test',
        CONSOLE_DIRECTORY: 'apps/console',
        LIVE_EVENTS: 'true',
      },
    });
    const fastify = auth.service.app.getHttpAdapter().getInstance() as {
      hasRoute(route: { method: string; url: string }): boolean;
    };
    for (const route of Object.keys(ROUTE_CLASSES)) {
      const [method, url] = route.split(' ') as [string, string];
      expect({ route, exists: fastify.hasRoute({ method, url }) }).toEqual({ route, exists: true });
    }
    await auth.close();
    await Promise.all([nats.close(), database.drop()]);
  });
});
