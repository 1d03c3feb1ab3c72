import { DenyList } from '@latchkey/deny-list';
import { createRevocationFeed, type RevocationFeed } from '@latchkey/deny-list-nats';
import {
  startTestDatabase,
  startTestNats,
  waitFor,
  waitingFor,
  type TestDatabase,
  type TestNats,
} from '@latchkey/testing';
import { createVerifier, type Verifier } from '@latchkey/verifier';
import { DataSource, type QueryRunner } from 'typeorm';
import { AuthReplica, claimsOf, CLIENT, ISSUER, PASSWORD, type Answer } from './auth-fixture.js';

const EVENT = { type: 'secevent+jwt', audience: 'urn:latchkey:revocation-feed' };
const BASIC = `Basic ${Buffer.from(`${CLIENT.id}:${encodeURIComponent(CLIENT.secret)}`).toString('base64')}`;
const POOL_SIZE = 3;

describe('while strangers hold every connection for requests', () => {
  let database: TestDatabase;
  let nats: TestNats;
  let auth: AuthReplica;
  let denyList: DenyList;
  let verifier: Verifier;
  let feed: RevocationFeed;
  let other: DataSource;
  let lock: QueryRunner;
  let strangers: Promise<Answer>[];
  let tokens: Awaited<ReturnType<AuthReplica['logIn']>>[];

  beforeAll(async () => {
    [database, nats] = await Promise.all([startTestDatabase(), startTestNats()]);
    auth = await AuthReplica.start({
      databaseUrl: database.url,
      nats: nats.credentials('auth'),
      env: {
        DATABASE_POOL_SIZE: `${POOL_SIZE}`,
        SIGNING_KEY_PUBLISH_AHEAD_SECONDS: '1',
        SIGNING_KEY_ROTATION_SECONDS: '1',
      },
    });
    denyList = new DenyList();
    const jwksUri = `${auth.url}/.well-known/jwks.json`;
    verifier = createVerifier({
      issuers: [{ issuer: ISSUER, audience: 'orders', jwksUri }],
      revocations: denyList,
      whenStale: 'refuse',
      keySet: { cooldownSeconds: 0.1 },
    });
    const { servers, user, pass: password } = nats.credentials('orders');
    feed = createRevocationFeed({
      ...{ servers, user, password, denyList },
      verifyEvent: async (jws) => (await verifier.verifySignedEvent(jws, EVENT)).claims,
    });
    await feed.start();
    other = await new DataSource({ type: 'postgres', url: database.url }).initialize();
    const users = [await auth.register(), await auth.register()];
    tokens = await Promise.all([...users, ...users].map((name) => auth.logIn(name)));
  }, 60_000);
  afterAll(async () => {
    await feed.close();
    verifier.close();
    await other.destroy();
    await auth.close();
    await Promise.all([nats.close(), database.drop()]);
  });

  const guess = () => auth.post('/login', { json: { username: 'nobody', password: PASSWORD } });
  const waiting = async () =>
    (await waitingFor((query, holder) => lock.query(query, holder))).length;

  beforeEach(async () => {
    lock = other.createQueryRunner();
    await lock.startTransaction();
    await lock.query('LOCK TABLE login_throttle');
    strangers = Array.from({ length: 4 * POOL_SIZE }, guess);
    await waitFor(async () => (await waiting()) >= POOL_SIZE);
  });
  afterEach(async () => {
    await lock.rollbackTransaction();
    await lock.release();
    await Promise.all(strangers);
  });

  it('watermarks keep coming', async () => {
    for (let round = 0; round < 3; round += 1) {
      const since = performance.now();
      // Only a watermark that was made meanwhile can be younger than this.
      const isNewer = () =>
        denyList.stalenessSeconds(ISSUER) < (performance.now() - since) / 1_000 - 0.01;
      await waitFor(isNewer, { timeoutMs: 10_000, what: 'a new watermark' });
    }
    expect(auth.log.text).not.toMatch(/connection to NATS|cannot be reached/);
  });

  it('log-outs are answered and reach verifiers', async () => {
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

  it('a refresh token ends its session as well', async () => {
    const { refresh_token: refreshToken } = tokens.pop()!;
    const answer = await auth.post('/logout', { json: { refreshToken } });
    expect(answer.status).toBe(204);
  });

  it('signing keys go on changing, and are served', async () => {
    const keySet = async () => {
      const { status, text } = await auth.send('GET', '/.well-known/jwks.json');
      expect(status).toBe(200);
      return text;
    };
    const before = await keySet();
    await waitFor(async () => (await keySet()) !== before, { timeoutMs: 10_000 });
  });

  it('the service is ready, and gives snapshots', async () => {
    expect(await auth.isReady()).toBe(true);
    const answer = await fetch(`${auth.url}/revocations/snapshot`, {
      headers: { authorization: BASIC },
    });
    expect(answer.status).toBe(200);
    await answer.arrayBuffer();
  });

  it('other requests are told that all connections are in use, not that there is no database', async () => {
    const { status, headers, body } = await auth.send('GET', '/sessions', {
      token: tokens[0]!.access_token,
    });
    expect({ status, code: body.code }).toEqual({ status: 503, code: 'database_busy' });
    expect(headers.get('retry-after')).toBe('1');
    expect(auth.log.text).toContain('All connections to the database are in use');
    expect(auth.log.text).not.toContain('cannot be reached');
  });

  it('NATS is not blamed, nor its connection replaced, when it is the record that is locked', async () => {
    const record = other.createQueryRunner();
    await record.startTransaction();
    await record.query('LOCK TABLE revocation_stream');
    const failed = () => auth.log.text.includes('revocations cannot be published');
    await waitFor(failed, { timeoutMs: 25_000, what: 'a round that fails' });
    await record.rollbackTransaction();
    await record.release();
    await waitFor(() => auth.log.text.includes('revocations are published again'), {
      timeoutMs: 10_000,
    });
    expect(auth.log.text).not.toMatch(/trying another|connection to NATS lost/);
  }, 40_000);

  it('nonsense and wrong secrets are refused without a connection', async () => {
    expect(await auth.refresh('nonsense')).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant' },
    });
    const form = { token: 'x', client_id: CLIENT.id, client_secret: 'a guess' };
    expect((await auth.post('/oauth/introspect', { form })).status).toBe(401);
  });
});

describe('the classes of routes', () => {
  it('name routes that exist', async () => {
    const { ROUTE_CLASSES } = await import('../src/platform/admission/route-classes.js');
    const [database, nats] = await Promise.all([startTestDatabase(), startTestNats()]);
    const auth = await AuthReplica.start({
      databaseUrl: database.url,
      nats: nats.credentials('auth'),
      env: { SESSION_STORE_URL: database.url, SESSION_ORIGINS: 'https://shop.test' },
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
