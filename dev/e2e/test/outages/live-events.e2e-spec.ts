import {
  AuthClient,
  call,
  NatsProxies,
  PROTECTED_ROUTES,
  StackFaults,
  stackHops,
  stackReplicas,
  startControlServer,
  waitFor,
  type Answer,
  type CallOptions,
  type ControlServer,
  type LatchkeyStack,
} from '@latchkey/local-stack';
import {
  CONTROL_KEY_HEADER,
  type LiveStatus,
  type StackPart,
  type StackReport,
} from '@latchkey/contracts/live';
import { LiveReader, TestUser } from '@latchkey/testing';
import { mkdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { startStack, type RunningStack } from '../../src/running-stack.js';

const CONSOLE = 'http://127.0.0.1:4999';
const NAMES = ['orders-1', 'orders-2', 'inventory', 'payments'] as const;
type Name = (typeof NAMES)[number];
const WHEN_STALE = {
  'orders-1': 'accept',
  'orders-2': 'accept',
  inventory: 'ask',
  payments: 'refuse',
} as const;
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const fault = (more: object) => JSON.stringify({ part: 'nats', seconds: 1, ...more });
const isVerifier = (name: string): name is Name => name in WHEN_STALE;

/** The live view of the console: the streams of all replicas, and the control server that breaks parts. */
describe('live events and faults of a stack', () => {
  const proxies = new NatsProxies();
  let running: RunningStack;
  let stack: LatchkeyStack;
  let faults: StackFaults;
  let control: ControlServer;
  let labReports: string;
  let busy: string | null = null;
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
    for (const name of [...NAMES, 'auth'] as const)
      readers[name] = await LiveReader.open(stack.replicas[name].url);
  });
  afterAll(async () => {
    await Promise.all(Object.values(readers).map((reader) => reader.close()));
    await control?.close();
    await faults?.close();
    await running?.close();
  });

  const send = (path: string, options: CallOptions = {}): Promise<Answer> =>
    call(control.url + path, {
      ...options,
      headers: { [CONTROL_KEY_HEADER]: control.key, ...options.headers },
    });
  const report = async () => (await send('/stack')).body as StackReport;
  const breakPart = (part: string, seconds?: number) =>
    send('/stack/faults', { json: { part, ...(seconds !== undefined && { seconds }) } });
  const heal = (part: string) => send(`/stack/faults/${part}`, { method: 'DELETE' });
  const stateOf = (part: string) => faults.part(part).status.state;
  const isIn = (part: string, state: StackPart['state']) =>
    waitFor(() => stateOf(part) === state, { what: `${part} ${state}`, timeoutMs: 40_000 });
  const statusesOf = async (token: string) => {
    const answers = NAMES.map((name) =>
      call(stack.replicas[name].url + PROTECTED_ROUTES[name], { token }),
    );
    const statuses = (await Promise.all(answers)).map(({ status }) => status);
    return Object.fromEntries(NAMES.map((name, index) => [name, statuses[index]]));
  };
  const everyFresh = (fresh: boolean) =>
    Promise.all(
      NAMES.map((name) => readers[name].status(({ verifier }) => verifier?.fresh === fresh, name)),
    );

  it('show a log-out at every replica, with the position that the response has', async () => {
    const ada = await TestUser.register(stack.issuer);
    const { access_token: token } = await ada.logIn();
    await statusesOf(token);
    const answer = await ada.logOut(token);
    const position = Number(answer.headers.get('revocation-position'));
    for (const name of [...NAMES, 'auth'] as const) {
      const revocation = await readers[name].revocation(position);
      expect(revocation).toMatchObject({ position, kind: 'session', live: true });
      expect(revocation.delayMilliseconds).not.toBeNull();
    }
    expect(Object.values(await statusesOf(token))).toEqual([401, 401, 401, 401]);
    for (const name of NAMES) {
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
    for (const name of NAMES)
      expect(new Set(readers[name].current.keyIds)).toEqual(new Set(keyIds));
  });

  it('show one replica that is cut off, and what comes late', async () => {
    const ada = await TestUser.register(stack.issuer);
    const { access_token: token } = await ada.logIn();
    const { access_token: kept } = await ada.logIn();
    const { status, body } = await breakPart('nats:payments', 60);
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
    expect((await heal('nats:payments')).status).toBe(202);
    expect((await readers.payments.revocation(position)).live).toBe(false);
    await everyFresh(true);
    expect(await statusesOf(kept)).toEqual({ ...others, payments: 200 });
  });

  it('show what each service does while nobody receives anything, and the recovery', async () => {
    const ada = await TestUser.register(stack.issuer);
    const [kept, ended] = [await ada.logIn(), await ada.logIn()];
    await breakPart('nats', 60);
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
    await heal('nats');
    await everyFresh(true);
    await waitFor(async () =>
      Object.values(await statusesOf(ended.access_token)).every((status) => status === 401),
    );
  });

  it('heal by themselves, also two at the same time, of which one needs the other', async () => {
    await breakPart('postgres', 60);
    await breakPart('auth', 1);
    await isIn('postgres', 'broken');
    await isIn('auth', 'healing');
    expect(await breakPart('postgres', 1)).toMatchObject({
      status: 202,
      body: { state: 'broken' },
    });
    const { parts, replicas } = await report();
    expect(parts.find(({ part }) => part === 'postgres')).toMatchObject({ state: 'broken' });
    expect(replicas.map(({ name }) => name)).toEqual(['auth', ...NAMES]);
    await isIn('postgres', 'working');
    await isIn('auth', 'working');
    await breakPart('redis', 1);
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

  describe('the control server', () => {
    it('describes the stack, but not where its secrets are', async () => {
      const { status, body, headers } = await send('/stack', { headers: { origin: CONSOLE } });
      expect(status).toBe(200);
      expect(Object.fromEntries(headers)).toMatchObject({
        'cache-control': 'no-store',
        'access-control-allow-origin': CONSOLE,
      });
      expect(body).toMatchObject({
        ...{ issuer: stack.issuer, busy: null, labReport: null },
        users: [{ username: 'ada', password: 'secret', isAdministrator: false }],
      });
      const { parts, replicas } = body as StackReport;
      expect(parts.map(({ part }) => part)).toEqual([
        ...['nats', 'auth', 'postgres', 'redis', 'nats:auth'],
        ...NAMES.map((name) => `nats:${name}`),
      ]);
      expect(replicas.at(-1)).toEqual({
        ...{ name: 'payments', service: 'payments', running: true, whenStale: 'refuse' },
        ...{ url: stack.replicas.payments.url, sampleRoute: '/payments' },
      });
      expect(replicas[0]).toMatchObject({ name: 'auth', sampleRoute: null, whenStale: null });
    });

    it('serves the newest page of the lab, which may do nothing', async () => {
      expect((await call(`${control.url}/lab-report`)).status).toBe(404);
      writeLabReport(labReports);
      const { labReport } = await report();
      const page = await call(labReport?.url ?? '');
      expect([page.status, page.body]).toEqual([200, '<h1>Lab</h1>']);
      expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(page.headers.get('content-security-policy')).toContain('sandbox');
    });

    it('refuses faults while the stack is busy', async () => {
      busy = 'The tour is still running.';
      const refused = await breakPart('nats', 1);
      busy = null;
      expect(refused).toMatchObject({ status: 409, body: { code: 'busy' } });
      expect(stateOf('nats')).toBe('working');
    });

    const json = JSON.stringify({ part: 'nats', seconds: 1 });
    const post = { method: 'POST', path: '/stack/faults', body: json };
    const asJson = { 'content-type': 'application/json' };
    /** `key` stands for the right one, `host` for the right one. */
    const REFUSED: [string, RawRequest, number, string][] = [
      ['no key', { headers: {} }, 401, 'wrong_key'],
      ['a wrong key', { headers: { [CONTROL_KEY_HEADER]: 'x' } }, 401, 'wrong_key'],
      ['an empty key', { headers: { [CONTROL_KEY_HEADER]: '' } }, 401, 'wrong_key'],
      ['the key in the URL', { path: '/stack?key=', headers: {} }, 401, 'wrong_key'],
      ['another page', { origin: 'https://evil.test' }, 403, 'foreign_origin'],
      ['a page without an origin', { origin: 'null' }, 403, 'foreign_origin'],
      ['a page of the same host', { origin: 'http://127.0.0.1:1' }, 403, 'foreign_origin'],
      ['a rebound name', { host: 'evil.test' }, 403, 'foreign_host'],
      ['a rebound name with its port', { host: 'evil.test:4062' }, 403, 'foreign_host'],
      ['another port', { host: '127.0.0.1:1' }, 403, 'foreign_host'],
      ['a GET with a body', { body: '{}' }, 400, 'unexpected_body'],
      ['an unknown path', { path: '/stack/' }, 404, 'not_found'],
      ['another method', { method: 'PUT' }, 404, 'not_found'],
      ['a form', { ...post, headers: FORM }, 415, 'unsupported_media_type'],
      ['no media type', post, 415, 'unsupported_media_type'],
      [
        'text',
        { ...post, headers: { 'content-type': 'text/plain' } },
        415,
        'unsupported_media_type',
      ],
      ['broken JSON', { ...post, headers: asJson, body: '{' }, 400, 'invalid_json'],
      [
        'a huge body',
        { ...post, headers: asJson, body: `"${'x'.repeat(1e6)}"` },
        413,
        'payload_too_large',
      ],
      ['no part', { ...post, headers: asJson, body: '{}' }, 400, 'invalid_input'],
      ['no object', { ...post, headers: asJson, body: '[]' }, 400, 'invalid_input'],
      [
        'too long',
        { ...post, headers: asJson, body: fault({ seconds: 301 }) },
        400,
        'invalid_input',
      ],
      ['no time', { ...post, headers: asJson, body: fault({ seconds: 0 }) }, 400, 'invalid_input'],
      [
        'time as text',
        { ...post, headers: asJson, body: fault({ seconds: '5' }) },
        400,
        'invalid_input',
      ],
      ['more', { ...post, headers: asJson, body: fault({ more: 1 }) }, 400, 'invalid_input'],
      [
        'another part',
        { ...post, headers: asJson, body: fault({ part: 'NATS' }) },
        400,
        'unknown_part',
      ],
      [
        'a prototype',
        { ...post, headers: asJson, body: fault({ part: '__proto__' }) },
        400,
        'unknown_part',
      ],
      [
        'hops without a token',
        { ...post, path: '/stack/hops', headers: asJson, body: '{}' },
        400,
        'invalid_input',
      ],
      [
        'hops of something else',
        { ...post, path: '/stack/hops', headers: asJson, body: '{"token":"x"}' },
        422,
        'not_exchanged',
      ],
      ['healing another part', { method: 'DELETE', path: '/stack/faults/x' }, 404, 'unknown_part'],
      ['healing nonsense', { method: 'DELETE', path: '/stack/faults/%zz' }, 404, 'unknown_part'],
      [
        'healing with a body',
        { method: 'DELETE', path: '/stack/faults/nats', body: '{}' },
        400,
        'unexpected_body',
      ],
    ];

    it.each(REFUSED)('refuses %s', async (what, asked, status, code) => {
      const withKey = { [CONTROL_KEY_HEADER]: control.key };
      const isAboutKey = what.includes('key');
      const answer = await rawRequest(control.url, {
        ...asked,
        headers: { ...(isAboutKey ? {} : withKey), ...asked.headers },
      });
      expect([answer.status, JSON.parse(answer.body)]).toMatchObject([status, { code }]);
      expect(answer.body).not.toContain(control.key);
      const permitted = asked.origin === undefined ? undefined : null;
      expect(answer.headers['access-control-allow-origin'] ?? permitted).toBe(permitted);
      expect(faults.status.every(({ state }) => state === 'working')).toBe(true);
    });

    it('permits the console to ask, and no other page', async () => {
      const preflight = (origin: string) =>
        call(`${control.url}/stack/faults`, {
          method: 'OPTIONS',
          headers: { origin, 'access-control-request-method': 'POST' },
        });
      const { status, headers } = await preflight(CONSOLE);
      expect(status).toBe(204);
      expect(Object.fromEntries(headers)).toMatchObject({
        'access-control-allow-origin': CONSOLE,
        'access-control-allow-methods': 'GET, POST, DELETE',
        'access-control-allow-headers': `content-type, ${CONTROL_KEY_HEADER}`,
      });
      const other = await preflight('https://evil.test');
      expect(other.status).toBe(403);
      expect(other.headers.has('access-control-allow-origin')).toBe(false);
      expect(errors).toEqual([]);
    });
  });
});

interface RawRequest {
  readonly method?: string;
  readonly path?: string;
  readonly host?: string;
  readonly origin?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** `fetch` would not send a `Host` of its own, nor a body with GET. */
function rawRequest(url: string, { method = 'GET', path = '/stack', ...asked }: RawRequest) {
  const { host, origin, headers, body } = asked;
  return new Promise<{ status: number; headers: Record<string, unknown>; body: string }>(
    (resolve, reject) => {
      const sent = request(url + path, {
        method,
        headers: {
          ...headers,
          ...(host !== undefined && { host }),
          ...(origin !== undefined && { origin }),
          ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }),
        },
      });
      sent.on('response', (response) => {
        let text = '';
        response.on('data', (chunk) => (text += String(chunk)));
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
        });
      });
      sent.on('error', reject); // after a response it has no effect
      sent.end(body);
    },
  );
}

function writeLabReport(folder: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'index.html'), '<h1>Lab</h1>');
  writeFileSync(join(folder, 'run.json'), '{}');
}

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
