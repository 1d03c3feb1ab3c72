import { jest } from '@jest/globals';
import { waitFor } from '@latchkey/testing';
import { request } from 'node:http';
import { ADMIN, PASSWORD, type Answer, type AuthReplica } from '../../../test/auth-fixture.js';
import { useAuth } from '../../../test/auth-testbed.js';
import type { Sender } from '../../platform/admission/sender.js';
import { PasswordHasher } from '../passwords/password-hasher.js';

describe('POST /register', () => {
  // The replicas start together on an empty database and must create everything only once.
  const { auth, replicas, sql, startReplica } = useAuth({ replicas: 2 });

  const register = (username: string, password = PASSWORD) =>
    auth.post('/register', { json: { username, password } });

  it.each([
    ['हिन्दी', 'हिन्दी'],
    ['สมชาย', 'สมชาย'],
    ['Οδυσσεύς', 'ΟΔΥΣΣΕΎΣ'],
    ['Weiß', 'WEISS'],
  ])('accepts the name %s and recognizes it as %s', async (name, spelling) => {
    expect((await register(name)).status).toBe(202);
    expect((await register(spelling, 'another password')).status).toBe(202);
    expect((await auth.login(spelling)).status).toBe(200);
    expect((await auth.login(spelling, { password: 'another password' })).status).toBe(401);
  });

  it('creates an account that can log in', async () => {
    expect(await register('ada')).toMatchObject({ status: 202, body: { accepted: true } });
    expect((await auth.login('ada')).status).toBe(200);
  });

  it('gives the same response for a taken name, and changes nothing', async () => {
    const free = await register('grace');
    const [before] = await sql('SELECT * FROM users WHERE username = $1', ['grace']);
    const taken = await register('GRACE', 'another password');
    expect({ status: taken.status, text: taken.text }).toEqual({
      status: free.status,
      text: free.text,
    });
    expect([...taken.headers.keys()].sort()).toEqual([...free.headers.keys()].sort());
    expect(await sql('SELECT * FROM users WHERE username = $1', ['grace'])).toEqual([before]);
    expect((await auth.login('grace', { password: 'another password' })).status).toBe(401);
  });

  it('takes the same time for a taken name as for a free one', async () => {
    const time = async (username: string) => {
      const start = performance.now();
      await register(username);
      return performance.now() - start;
    };
    await register('taken');
    const differences: number[] = [];
    for (let round = 0; round < 15; round += 1)
      differences.push(Math.log((await time('taken')) / (await time(`free-${round}`))));
    const median = differences.sort((a, b) => a - b)[7]!;
    // Without the hash, a taken name would take a tenth of the time.
    expect(Math.abs(median)).toBeLessThan(Math.log(2));
  });

  it('creates a single account from concurrent requests to two replicas', async () => {
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        replicas[index % 2]!.post('/register', {
          json: { username: 'contended', password: `password number ${index}` },
        }),
      ),
    );
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(await sql(`SELECT FROM users WHERE username = 'contended'`)).toHaveLength(1);
  });

  it.each([
    ['surrounding spaces', '  spaces around  '],
    ['emoji', '🐎🔋📎 staple'],
    ['NUL bytes', 'pass\u0000word\u0000more'],
    ['1,024 bytes', '€'.repeat(341) + 'x'],
    ['composed and decomposed letters', 'pa\u0308ssword ä'],
  ])('does not alter a password with %s', async (_, password) => {
    const username = `exact-${Buffer.from(password).length}-${password.length}`;
    expect((await register(username, password)).status).toBe(202);
    expect((await auth.login(username, { password })).status).toBe(200);
    expect((await auth.login(username, { password: `${password} ` })).status).toBe(
      Buffer.byteLength(password) === 1024 ? 400 : 401,
    );
  });

  it.each([
    ['too short', '1234567', 'invalid_input'],
    ['too long', 'x'.repeat(1025), 'invalid_input'],
    ['common', 'password', 'common_password'],
    ['common, in capitals', 'PASSWORD1', 'common_password'],
    ['one repeated character', 'aaaaaaaa', 'weak_password'],
    ['a sequence', 'bcdefghi', 'weak_password'],
    ['the user name', 'SomeBody', 'weak_password'],
  ])('refuses a password that is %s, naming the field', async (_, password, code) => {
    const { status, body } = await register('somebody', password);
    expect({ status, code: body.code, field: body.errors[0]?.field }).toEqual({
      status: 400,
      code,
      field: '/password',
    });
  });

  it.each(['scope', 'id', 'disabled'])('refuses the unknown field %s', async (field) => {
    const json = { username: 'mallory', password: PASSWORD, [field]: 'auth:admin' };
    const { status, body } = await auth.post('/register', { json });
    expect({ status, field: body.errors[0]?.field }).toEqual({ status: 400, field: `/${field}` });
    expect(await sql(`SELECT FROM users WHERE username = 'mallory'`)).toEqual([]);
  });

  it("does not reveal the first administrator's name, and leaves that account unchanged", async () => {
    expect((await register(ADMIN.username)).status).toBe(202);
    expect((await auth.login(ADMIN.username)).status).toBe(401);
    const { body } = await auth.login(ADMIN.username, { password: ADMIN.password });
    expect(body['scope']).toContain('auth:admin');
    expect(await sql('SELECT FROM users WHERE username = $1', [ADMIN.username])).toHaveLength(1);
  });

  it('sheds a burst of registrations, and serves the key set meanwhile', async () => {
    let ended = false;
    const burst = Promise.all(
      Array.from({ length: 400 }, (_, index) => register(`burst-${index}`)),
    ).finally(() => (ended = true));
    let served = 0;
    while (!ended) {
      expect((await auth.send('GET', '/.well-known/jwks.json')).status).toBe(200);
      served += 1;
    }
    const answers = await burst;
    const refused = answers.filter(({ status }) => status === 503);
    expect(answers.filter(({ status }) => status === 202).length).toBeGreaterThan(10);
    expect(refused.length).toBeGreaterThan(100);
    for (const { headers } of refused) expect(headers.get('retry-after')).toBe('1');
    // One after the other: a request that waited behind the burst would be the only one.
    expect(served).toBeGreaterThan(10);
  });

  describe('from one address', () => {
    const strict: AuthReplica[] = [];
    const from = (replica: AuthReplica, username: string, address: string) =>
      replica.post('/register', {
        json: { username, password: PASSWORD },
        headers: { 'x-forwarded-for': address },
      });
    beforeAll(async () => {
      const env = { TRUST_PROXY: 'true', REGISTRATIONS_PER_HOUR: '3' };
      strict.push(await startReplica(env), await startReplica(env));
    });

    it('creates accounts up to the limit, across ports and replicas', async () => {
      const [one, two] = strict as [AuthReplica, AuthReplica];
      const first = [
        await from(one, 'port-1', '203.0.113.1:1'),
        await from(two, 'port-2', '203.0.113.1:2'),
        await from(one, 'port-3', '::ffff:203.0.113.1'),
      ];
      expect(first.map(({ status }) => status)).toEqual([202, 202, 202]);
      const free = await from(two, 'port-4', '203.0.113.1:4');
      const taken = await from(one, 'port-1', '203.0.113.1:5');
      for (const { status, body, headers } of [free, taken]) {
        expect({ status, code: body.code }).toEqual({
          status: 429,
          code: 'too_many_registrations',
        });
        expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
        expect(Number(headers.get('retry-after'))).toBeLessThanOrEqual(1200);
      }
      expect(await sql(`SELECT FROM users WHERE username = 'port-4'`)).toEqual([]);
      expect((await from(one, 'port-4', '203.0.113.2:4')).status).toBe(202);
    });

    it('regains capacity over time', async () => {
      const [one] = strict as [AuthReplica];
      for (const n of [1, 2, 3]) await from(one, `later-${n}`, '203.0.113.3');
      expect((await from(one, 'later-4', '203.0.113.3')).status).toBe(429);
      await sql(`UPDATE login_throttle SET blocked_until = blocked_until - interval '20 minutes'`);
      expect((await from(one, 'later-4', '203.0.113.3')).status).toBe(202);
      expect((await from(one, 'later-5', '203.0.113.3')).status).toBe(429);
    });
  });

  describe('when one address floods the service', () => {
    let behindProxy: AuthReplica;
    const from = (path: string, json: object, address: string) =>
      behindProxy.post(path, { json, headers: { 'x-forwarded-for': address } });
    const SLOW = { timeoutMs: 20_000 };
    const FLOODING = '203.0.113.66';
    const waiting = () => behindProxy.service.app.get(PasswordHasher).waiting;
    beforeAll(async () => {
      behindProxy = await startReplica({ TRUST_PROXY: 'true' });
    });

    /** Requests of the flood that are sent at the same time. */
    const FLOOD = 30;
    /** In a queue without turns, a log-in would wait for this many hashes. */
    const AHEAD = 10;
    /** For each hash that may run at once: one that runs already, one whose turn comes first, and a spare. */
    const MOST_HASHES_AHEAD = 6;

    /** Sends requests until it is stopped, each as soon as an earlier one is answered. */
    const startFlood = (send: (n: number) => Promise<Answer>) => {
      let sent = 0;
      let ended = false;
      const client = async () => {
        // An address that is blocked for its wrong passwords gets no further.
        while (!ended) if ((await send((sent += 1))).status === 429) return;
      };
      const clients = Promise.all(Array.from({ length: FLOOD }, client));
      return async () => {
        ended = true;
        await clients;
      };
    };
    /** Counts the hashes that others get between a log-in's arrival in the queue and its own. */
    const countHashesAhead = (isHonest: (sender: Sender | undefined) => boolean) => {
      const hasher = behindProxy.service.app.get(PasswordHasher);
      const [hash, matches] = [hasher.hash.bind(hasher), hasher.matches.bind(hasher)];
      const ahead: number[] = [];
      let ofOthers = 0;
      const counted = async <Result>(sender: Sender | undefined, hashing: Promise<Result>) => {
        const before = ofOthers;
        const result = await hashing;
        if (isHonest(sender)) ahead.push(ofOthers - before);
        else ofOthers += 1;
        return result;
      };
      const spies = [
        jest
          .spyOn(hasher, 'hash')
          .mockImplementation((text, sender, lane) => counted(sender, hash(text, sender, lane))),
        jest
          .spyOn(hasher, 'matches')
          .mockImplementation((stored, text, sender) =>
            counted(sender, matches(stored, text, sender)),
          ),
      ];
      return { ahead, restore: () => spies.forEach((spy) => spy.mockRestore()) };
    };

    it.each([
      [
        'registrations',
        '/register',
        (n: number) => ({ username: `flood-${n}`, password: PASSWORD }),
      ],
      ['log-ins', '/login', (n: number) => ({ username: `nobody-${n}`, password: PASSWORD })],
    ])('lets log-ins from elsewhere succeed during a flood of %s', async (_, path, body) => {
      await behindProxy.register('honest');
      const honest = { username: 'honest', password: PASSWORD };
      const { ahead, restore } = countHashesAhead((sender) => sender?.address !== FLOODING);
      for (const n of [1, 2, 3]) {
        // Each flood gets all of its guesses, so that it does not end before a slow log-in.
        await sql('TRUNCATE login_throttle');
        const endFlood = startFlood((sent) => from(path, body(sent), FLOODING));
        await waitFor(() => waiting() >= AHEAD, SLOW);
        const logIn = () => from('/login', honest, `198.51.100.${n}`);
        // On a machine where a hash takes seconds, even a few exceed the longest wait, and clients try again.
        await waitFor(async () => (await logIn()).status === 200, SLOW);
        await endFlood();
      }
      expect(ahead.length).toBeGreaterThanOrEqual(3);
      expect(Math.max(...ahead)).toBeLessThanOrEqual(MOST_HASHES_AHEAD);
      restore();
    });

    it('stops hashing for clients that have disconnected', async () => {
      const clients = Array.from({ length: 100 }, (_, n) => {
        const client = request(`${behindProxy.url}/register`, {
          method: 'POST',
          agent: false,
          headers: { 'content-type': 'application/json' },
        });
        client.on('error', () => undefined); // expected, because this test destroys the socket
        return client.end(JSON.stringify({ username: `gone-${n}`, password: PASSWORD }));
      });
      const left = await waitFor(() => waiting() > 30 && waiting(), SLOW);
      for (const client of clients) client.destroy();
      await waitFor(() => waiting() === 0, SLOW);
      await from('/login', { username: 'honest', password: PASSWORD }, '198.51.100.9');
      const created = await sql(`SELECT FROM users WHERE username LIKE 'gone-%'`);
      // A few are hashed before the service notices that the connections are closed.
      expect(created.length).toBeLessThanOrEqual(clients.length - left + 10);
    });
  });
});
