import {
  startTestDatabase,
  startTestNats,
  type TestDatabase,
  type TestNats,
} from '@latchkey/testing';
import { DataSource } from 'typeorm';
import { ADMIN, AuthReplica, PASSWORD } from '../auth-fixture.js';

describe('POST /register', () => {
  let database: TestDatabase;
  let nats: TestNats;
  let replicas: AuthReplica[];
  let auth: AuthReplica;

  beforeAll(async () => {
    [database, nats] = await Promise.all([startTestDatabase(), startTestNats()]);
    const surroundings = { databaseUrl: database.url, nats: nats.credentials('auth') };
    // Together on an empty database: migrations, keys and the administrator are made once.
    replicas = await Promise.all([1, 2].map(() => AuthReplica.start(surroundings)));
    auth = replicas[0]!;
  });
  afterAll(async () => {
    await Promise.all(replicas.map((replica) => replica.close()));
    await nats.close();
    await database.drop();
  });

  const sql = <Row extends object>(query: string, parameters?: unknown[]): Promise<Row[]> =>
    auth.service.app.get(DataSource).query<Row[]>(query, parameters);
  const register = (username: string, password = PASSWORD) =>
    auth.post('/register', { json: { username, password } });

  it.each([
    ['हिन्दी', 'हिन्दी'],
    ['สมชาย', 'สมชาย'],
    ['Οδυσσεύς', 'ΟΔΥΣΣΕΎΣ'],
    ['Weiß', 'WEISS'],
  ])('takes the name %s, and finds it as %s', async (name, spelling) => {
    expect((await register(name)).status).toBe(202);
    expect((await register(spelling, 'another password')).status).toBe(202);
    expect((await auth.login(spelling)).status).toBe(200);
    expect((await auth.login(spelling, { password: 'another password' })).status).toBe(401);
  });

  it('makes an account that can log in', async () => {
    expect(await register('ada')).toMatchObject({ status: 202, body: { accepted: true } });
    expect((await auth.login('ada')).status).toBe(200);
  });

  it('answers the same when the name is taken, and changes nothing', async () => {
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

  it('takes as long for a taken name as for a free one', async () => {
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
    // Without the hash a taken name would be answered in a tenth of the time.
    expect(Math.abs(median)).toBeLessThan(Math.log(2));
  });

  it('makes one account of many requests at once, on two replicas', async () => {
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
    ['spaces around it', '  spaces around  '],
    ['emoji', '🐎🔋📎 staple'],
    ['NUL', 'pass\u0000word\u0000more'],
    ['1,024 bytes', '€'.repeat(341) + 'x'],
    ['either composition of a letter', 'pa\u0308ssword ä'],
  ])('takes a password exactly: %s', async (_, password) => {
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
    ['one of the commonest', 'password', 'common_password'],
    ['one of the commonest in capitals', 'PASSWORD1', 'common_password'],
    ['one character', 'aaaaaaaa', 'weak_password'],
    ['a sequence', 'bcdefghi', 'weak_password'],
    ['the user name', 'SomeBody', 'weak_password'],
  ])('refuses a password that is %s, and names the field', async (_, password, code) => {
    const { status, body } = await register('somebody', password);
    expect({ status, code: body.code, field: body.errors[0]?.field }).toEqual({
      status: 400,
      code,
      field: '/password',
    });
  });

  it.each(['scope', 'id', 'disabled'])('takes no further field: %s', async (field) => {
    const json = { username: 'mallory', password: PASSWORD, [field]: 'auth:admin' };
    const { status, body } = await auth.post('/register', { json });
    expect({ status, field: body.errors[0]?.field }).toEqual({ status: 400, field: `/${field}` });
    expect(await sql(`SELECT FROM users WHERE username = 'mallory'`)).toEqual([]);
  });

  it("does not give away the first administrator's name, and leaves that account alone", async () => {
    expect((await register(ADMIN.username)).status).toBe(202);
    expect((await auth.login(ADMIN.username)).status).toBe(401);
    const { body } = await auth.login(ADMIN.username, { password: ADMIN.password });
    expect(body['scope']).toContain('auth:admin');
    expect(await sql('SELECT FROM users WHERE username = $1', [ADMIN.username])).toHaveLength(1);
  });

  it('turns a burst away rather than piling it up, and serves the key set meanwhile', async () => {
    let ended = false;
    const burst = Promise.all(
      Array.from({ length: 400 }, (_, index) => register(`burst-${index}`)),
    ).finally(() => (ended = true));
    const times: number[] = [];
    while (!ended) {
      const start = performance.now();
      expect((await auth.send('GET', '/.well-known/jwks.json')).status).toBe(200);
      times.push(performance.now() - start);
    }
    const answers = await burst;
    const turnedAway = answers.filter(({ status }) => status === 503);
    expect(answers.filter(({ status }) => status === 202).length).toBeGreaterThan(100);
    expect(turnedAway.length).toBeGreaterThan(100);
    for (const { headers } of turnedAway) expect(headers.get('retry-after')).toBe('1');
    expect(times.length).toBeGreaterThan(10);
    expect(times.sort((a, b) => a - b)[times.length >> 1]).toBeLessThan(500);
  });
});
