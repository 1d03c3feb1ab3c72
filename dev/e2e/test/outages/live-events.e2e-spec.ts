import {
  AuthClient,
  call,
  NatsProxies,
  PROTECTED_ROUTES,
  StackFaults,
  stackHops,
  stackReplicas,
  startControlServer,
  VERIFYING_REPLICAS,
  waitFor,
  type ControlServer,
  type LatchkeyStack,
} from '@latchkey/local-stack';
import type { LiveStatus, StackPart } from '@latchkey/contracts/live';
import { LiveReader, TestUser } from '@latchkey/testing';
import { join } from 'node:path';
import { ControlClient } from './control-client.js';
import { describeControlServer } from './control-server.suite.js';
import { startStack, type RunningStack } from '../../src/running-stack.js';

const CONSOLE = 'http://127.0.0.1:4999';
type Name = (typeof VERIFYING_REPLICAS)[number];
const WHEN_STALE = {
  'orders-1': 'accept',
  'orders-2': 'accept',
  inventory: 'ask',
  payments: 'refuse',
} as const;
const isVerifier = (name: string): name is Name => name in WHEN_STALE;

/** The live view of the console: the streams of all replicas, and the control server that breaks parts. */
describe('live events and faults of a stack', () => {
  const proxies = new NatsProxies();
  let running: RunningStack;
  let stack: LatchkeyStack;
  let faults: StackFaults;
  let control: ControlServer;
  let client: ControlClient;
  let labReports: string;
  let busy: string | null = null;
  const setBusy = (reason: string | null) => {
    busy = reason;
  };
  const errors: unknown[] = [];
  const readers = {} as Record<Name | 'auth', LiveReader>;

  beforeAll(async () => {
    running = await startStack({
      env: {
        all: { LIVE_EVENTS: 'true', MAX_STALENESS_SECONDS: '2' },
        inventory: { WHEN_STALE: 'ask' },
        payments: { WHEN_STALE: 'refuse' },
      },
      sessionStore: 'redis',
      route: proxies.route,
    });
    stack = running.stack;
    faults = new StackFaults(stack, proxies);
    labReports = join(stack.logDirectory, 'lab-reports');
    control = await startControlServer({
      faults,
      labReports,
      hops: (token) => stackHops(stack, token),
      origin: CONSOLE,
      preferredPorts: false,
      report: () => ({
        issuer: stack.issuer,
        parts: faults.status,
        replicas: stackReplicas(stack, (service) =>
          isVerifier(service) ? WHEN_STALE[service] : 'accept',
        ),
        users: [{ username: 'ada', password: 'secret', isAdministrator: false }],
        busy,
      }),
      onError: (error) => errors.push(error),
    });
    client = new ControlClient(control);
    for (const name of [...VERIFYING_REPLICAS, 'auth'] as const)
      readers[name] = await LiveReader.open(stack.replicas[name].url);
  });
  afterAll(async () => {
    await Promise.all(Object.values(readers).map((reader) => reader.close()));
    await control?.close();
    await faults?.close();
    await running?.close();
  });

  const stateOf = (part: string) => faults.part(part).status.state;
  const isIn = (part: string, state: StackPart['state']) =>
    waitFor(() => stateOf(part) === state, { what: `${part} ${state}`, timeoutMs: 40_000 });
  const statusesOf = async (token: string) => {
    const answers = VERIFYING_REPLICAS.map((name) =>
      call(stack.replicas[name].url + PROTECTED_ROUTES[name], { token }),
    );
    const statuses = (await Promise.all(answers)).map(({ status }) => status);
    return Object.fromEntries(VERIFYING_REPLICAS.map((name, index) => [name, statuses[index]]));
  };
  const everyFresh = (fresh: boolean) =>
    Promise.all(
      VERIFYING_REPLICAS.map((name) =>
        readers[name].status(({ verifier }) => verifier?.fresh === fresh, name),
      ),
    );

  it('show a log-out at every replica, with the position that the response has', async () => {
    const ada = await TestUser.register(stack.issuer);
    const { access_token: token } = await ada.logIn();
    await statusesOf(token);
    const answer = await ada.logOut(token);
    const position = Number(answer.headers.get('revocation-position'));
    for (const name of [...VERIFYING_REPLICAS, 'auth'] as const) {
      const revocation = await readers[name].revocation(position);
      expect(revocation).toMatchObject({ position, kind: 'session', live: true });
      expect(revocation.delayMilliseconds).not.toBeNull();
    }
    expect(Object.values(await statusesOf(token))).toEqual([401, 401, 401, 401]);
    for (const name of VERIFYING_REPLICAS) {
      const { verifier } = await readers[name].status(
        (status) => status.verifier?.tokens.rejected['revoked'] === 1,
        `${name} counts the rejection`,
      );
      expect(verifier).toMatchObject({ whenStale: WHEN_STALE[name], appliedThrough: position });
      expect(verifier?.denied.session).toBe(1);
    }
    expectNoIds(readers, token, ada.username);
  });

  it('show the key that signs, which every replica knows', async () => {
    const { issuer, keyIds } = await readers.auth.status(
      (status) => status.issuer?.verifiers === 4,
    );
    expect(keyIds).toContain(issuer?.signingKeyId);
    for (const name of VERIFYING_REPLICAS)
      expect(new Set(readers[name].current.keyIds)).toEqual(new Set(keyIds));
  });

  it('show one replica that is cut off, and what comes late', async () => {
    const ada = await TestUser.register(stack.issuer);
    const { access_token: token } = await ada.logIn();
    const { access_token: kept } = await ada.logIn();
    const { status, body } = await client.break('nats:payments', 60);
    expect([status, body]).toMatchObject([202, { part: 'nats:payments' }]);
    const isStale = ({ natsConnected, verifier }: LiveStatus) =>
      natsConnected === false && verifier?.fresh === false;
    await readers.payments.status(isStale, 'payments stale');
    const answer = await ada.logOut(token);
    const position = Number(answer.headers.get('revocation-position'));
    await readers.inventory.revocation(position);
    const others = { 'orders-1': 200, 'orders-2': 200, inventory: 200 };
    expect(await statusesOf(kept)).toEqual({ ...others, payments: 503 });
    await readers.payments.status(
      ({ verifier }) => (verifier?.tokens.unavailable['revocations_stale'] ?? 0) > 0,
    );
    expect((await client.heal('nats:payments')).status).toBe(202);
    expect((await readers.payments.revocation(position)).live).toBe(false);
    await everyFresh(true);
    expect(await statusesOf(kept)).toEqual({ ...others, payments: 200 });
  });

  it('show what each service does while nobody receives anything, and the recovery', async () => {
    const ada = await TestUser.register(stack.issuer);
    const [kept, ended] = [await ada.logIn(), await ada.logIn()];
    await client.break('nats', 60);
    await everyFresh(false);
    expect((await ada.logOut(ended.access_token)).status).toBe(202);
    await readers.auth.status(({ issuer }) => issuer?.unpublished === 1, 'an unpublished log-out');
    const accepts = { 'orders-1': 200, 'orders-2': 200 };
    expect(await statusesOf(kept.access_token)).toEqual({
      ...{ ...accepts, inventory: 200, payments: 503 },
    });
    expect(await statusesOf(ended.access_token)).toEqual({
      ...{ ...accepts, inventory: 401, payments: 503 },
    });
    await client.heal('nats');
    await everyFresh(true);
    await waitFor(async () =>
      Object.values(await statusesOf(ended.access_token)).every((status) => status === 401),
    );
  });

  it('heal by themselves, also two at the same time, of which one needs the other', async () => {
    await client.break('postgres', 60);
    await client.break('auth', 1);
    await isIn('postgres', 'broken');
    await isIn('auth', 'healing');
    expect(await client.break('postgres', 1)).toMatchObject({
      status: 202,
      body: { state: 'broken' },
    });
    const { parts, replicas } = await client.report();
    expect(parts.find(({ part }) => part === 'postgres')).toMatchObject({ state: 'broken' });
    expect(replicas.map(({ name }) => name)).toEqual(['auth', ...VERIFYING_REPLICAS]);
    await isIn('postgres', 'working');
    await isIn('auth', 'working');
    await client.break('redis', 1);
    await isIn('redis', 'broken');
    await isIn('redis', 'working');
    const ada = await TestUser.register(stack.issuer);
    const { access_token: token } = await ada.logIn();
    await waitFor(async () =>
      Object.values(await statusesOf(token)).every((status) => status === 200),
    );
    await readers.auth.ended(); // it was stopped
    // Redis is there again; auth has to connect to it.
    const logIn = () => new AuthClient(stack.issuer).logInWithCookie(ada);
    expect(await waitFor(logIn)).toHaveProperty('cookie');
  });

  describeControlServer(() => ({
    ...{ control, stack, faults, labReports, errors, setBusy },
    origin: CONSOLE,
  }));
});

/** No event may contain an id by which somebody could be recognized. */
function expectNoIds(readers: Record<string, LiveReader>, token: string, username: string): void {
  const claims = JSON.parse(
    Buffer.from(token.split('.')[1] ?? '', 'base64url').toString(),
  ) as Record<'sid' | 'sub' | 'jti', string>;
  for (const { statuses, revocations } of Object.values(readers)) {
    const sent = JSON.stringify([statuses, revocations]);
    for (const id of [claims.sid, claims.sub, claims.jti, username]) expect(sent).not.toContain(id);
  }
}
