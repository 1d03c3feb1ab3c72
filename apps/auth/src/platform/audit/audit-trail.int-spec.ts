import type { AuditEventReply, AuditListReply } from '@latchkey/contracts/auth-api';
import { planOf, startTestNats, startTestPostgres, waitFor } from '@latchkey/testing';
import { randomUUID } from 'node:crypto';
import { DataSource } from 'typeorm';
import { AuthReplica, claimsOf, PASSWORD, type Answer } from '../../../test/auth-fixture.js';
import { useAuth } from '../../../test/auth-testbed.js';
import { AuditLog } from './audit-log.js';
import { firstIdAt } from './event-id.js';

const trailAt = async (auth: AuthReplica, query = '', token?: string) => {
  const { status, text } = await auth.send('GET', `/admin/audit${query}`, {
    token: token ?? (await auth.adminToken()),
  });
  if (status !== 200) throw new Error(`/admin/audit answered ${status}: ${text}`);
  return JSON.parse(text) as AuditListReply;
};
const eventsOf = async (auth: AuthReplica, subject: string) =>
  (await trailAt(auth, `?subject=${subject}`)).events;
const log = (auth: AuthReplica) => auth.service.app.get(AuditLog);

describe('GET /admin/audit', () => {
  const testbed = useAuth({ replicas: 2 });
  const { auth, sql } = testbed;
  const [, second] = testbed.replicas as [AuthReplica, AuthReplica];

  const someone = async (at = auth) => {
    const username = await at.register();
    const { access_token: token } = await at.logIn(username);
    const { sub: subject, sid: sessionId } = claimsOf(token);
    return { username, token, subject, sessionId };
  };
  const until = (subject: string, count: number) =>
    waitFor(async () => {
      const events = await eventsOf(auth, subject);
      return events.length >= count && events;
    });

  it('has what users and administrators did at any replica, the newest first', async () => {
    const { username, token, subject, sessionId } = await someone();
    await second.post('/logout', { token });
    const admin = await auth.adminToken();
    const by = claimsOf(admin).sub;
    await auth.post(`/admin/users/${username}/disable`, { token: admin });
    const events = await until(subject, 3);
    const common = {
      id: expect.any(String),
      at: expect.any(String),
      subject,
      address: '127.0.0.1',
      requestId: expect.any(String),
    };
    expect(events).toEqual([
      { ...common, event: 'user_disabled', by, details: {} },
      { ...common, event: 'logout', details: { sessionId } },
      {
        ...{ ...common, event: 'login', client: 'latchkey-web' },
        details: { sessionId, credential: 'tokens' },
      },
    ]);
    for (const { at } of events) expect(Math.abs(Date.parse(at) - Date.now())).toBeLessThan(60_000);
  });

  it('pages through all events, each once, and filters them', async () => {
    const { subject } = await someone();
    const audit = log(auth);
    const client = `client-${randomUUID()}`;
    for (let count = 0; count < 7; count += 1)
      audit.record('client_added', { by: subject, client });
    audit.record('signing_key_rotated', { by: subject, keyId: 'k' });
    await waitFor(async () => (await trailAt(auth, `?by=${subject}`)).events.length === 8);
    const seen: AuditEventReply[] = [];
    let next: string | undefined;
    do {
      const after = next === undefined ? '' : `&after=${next.toUpperCase()}`;
      const page = await trailAt(auth, `?by=${subject.toUpperCase()}&limit=3${after}`);
      expect(page.events.length).toBeLessThanOrEqual(3);
      seen.push(...page.events);
      ({ next } = page);
    } while (next !== undefined);
    expect(seen.map(({ event }) => event)).toEqual([
      'signing_key_rotated',
      ...Array<string>(7).fill('client_added'),
    ]);
    const ids = seen.map(({ id }) => id);
    expect([...ids].sort().reverse()).toEqual(ids);
    const count = async (query: string) => (await trailAt(auth, query)).events.length;
    expect(await count(`?client=${client}`)).toBe(7);
    expect(await count(`?event=signing_key_rotated&by=${subject}`)).toBe(1);
    expect(await count(`?client=${client}&event=client_removed`)).toBe(0);
    const soon = encodeURIComponent(new Date(Date.now() + 60_000).toISOString());
    const ago = encodeURIComponent('2020-01-01T00:00:00+02:00');
    expect(await count(`?client=${client}&since=${ago}&until=${soon}`)).toBe(7);
    expect(await count(`?client=${client}&since=${soon}`)).toBe(0);
    expect(await count(`?client=${client}&until=${ago}`)).toBe(0);
  });

  it.each([
    'event=logn',
    'event=',
    'limit=0',
    'limit=101',
    'after=x',
    'subject=ada',
    'by=admin',
    'client=a/b',
    'since=yesterday',
    'since=2026-11-30',
    'until=',
    'order=asc',
  ])('refuses a query that it does not understand: %s', async (query) => {
    const token = await auth.adminToken();
    const { status, body } = await auth.send('GET', `/admin/audit?${query}`, { token });
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'invalid_input' });
    expect(body.errors[0]!.field).toBe(query.split('=')[0]);
  });

  it('is for administrators only', async () => {
    const { token } = await someone();
    expect((await auth.send('GET', '/admin/audit', { token })).status).toBe(403);
    expect((await auth.send('GET', '/admin/audit')).status).toBe(401);
  });

  it('does not record that it was read', async () => {
    const admin = await auth.adminToken();
    await trailAt(auth, '', admin);
    const { events } = await trailAt(auth, `?by=${claimsOf(admin).sub}&limit=100`, admin);
    expect(events.filter(({ event }) => /audit|read/.test(event))).toEqual([]);
  });

  it('reads only the rows of a page', async () => {
    await sql(`INSERT INTO audit_events (id, at, event, subject, client, by, details)
               SELECT uuidv7(make_interval(secs => -n)), now() - make_interval(secs => n), 'login',
                      (n % 100)::text, (n % 100)::text, (n % 100)::text, '{}'
               FROM generate_series(1, 20000) AS n`);
    await sql('ANALYZE audit_events');
    const query = (text: string, values?: unknown[]) => sql(text, values);
    const first = firstIdAt(Date.now() - 3_600_000);
    for (const [condition, values, index] of [
      ['id < $1', [firstIdAt(Date.now())], 'audit_events_pkey'],
      ['subject = $1', ['7'], 'audit_events_of_subject'],
      ['client = $1', ['7'], 'audit_events_of_client'],
      ['by = $1', ['7'], 'audit_events_by'],
      ['event = $1 AND id >= $2', ['logout', first], 'audit_events_of_event'],
    ] as const) {
      const text = `SELECT * FROM audit_events WHERE ${condition} ORDER BY id DESC LIMIT 21`;
      const { indexes, nodes } = await planOf(query, text, [...values]);
      expect([condition, ...indexes]).toEqual([condition, index]);
      expect(nodes).not.toContain('Sort');
    }
    await sql('DELETE FROM audit_events WHERE length(subject) < 3');
  });

  it('stores a bounded part of a flood, and says how many are in the log only', async () => {
    const { username, subject } = await someone();
    const replica = await testbed.startReplica();
    const before = new Date(Date.now() - 1_000).toISOString();
    for (let count = 0; count < 300; count += 1)
      log(replica).record('login_failed', { subject, reason: 'credentials' });
    await replica.login(username, { password: PASSWORD });
    await replica.close();
    const since = `&since=${before}&limit=100`;
    const { events: failed } = await trailAt(
      auth,
      `?event=login_failed&subject=${subject}${since}`,
    );
    expect(failed).toHaveLength(60);
    const { events } = await trailAt(auth, `?event=events_dropped${since}`);
    expect(events.map(({ details }) => details)).toEqual([{ dropped: 'login_failed', count: 240 }]);
    expect((await eventsOf(auth, subject))[0]!.event).toBe('login');
    const lines = replica.log.text.split('\n').filter((line) => line.includes('"login_failed"'));
    expect(lines).toHaveLength(300);
  });

  it('gives up a batch that Postgres rejects, and stores what comes later', async () => {
    const { subject, token } = await someone();
    await until(subject, 1);
    // Postgres stores no NUL in text or JSON.
    log(second).record('client_added', { by: subject, client: 'a\0' });
    await waitFor(() => second.log.text.includes('audit events cannot be stored'));
    await second.post('/logout', { token });
    await until(subject, 2);
    const metrics = await (await fetch(`${second.url}/metrics`)).text();
    expect(metrics).toMatch(/^latchkey_audit_events_not_stored_total [1-9]/m);
  });
});

describe('the audit trail while Postgres is down', () => {
  it('keeps events in memory, up to a limit, and stores them once it is back', async () => {
    const [postgres, nats] = await Promise.all([startTestPostgres(), startTestNats()]);
    const databaseUrl = await postgres.createDatabase('auth', 'a password');
    const auth = await AuthReplica.start({ databaseUrl, nats: nats.credentials('auth') });
    const by = randomUUID();
    const count = async () => {
      const [row] = await auth.service.app
        .get(DataSource)
        .query<[{ count: number }]>(`SELECT count(*)::int FROM audit_events WHERE by = '${by}'`);
      return row.count;
    };
    await postgres.stop();
    for (let number = 0; number < 12_000; number += 1)
      log(auth).record('signing_key_rotated', { by, keyId: String(number) });
    const answers: Answer[] = [await auth.send('GET', '/health/live')];
    expect(answers[0]!.status).toBe(200);
    await postgres.restart();
    await waitFor(() => auth.isReady(), { timeoutMs: 20_000 });
    await waitFor(async () => (await count()) >= 9_000, { timeoutMs: 20_000 });
    expect(await count()).toBeLessThanOrEqual(10_000);
    await auth.close();
    await Promise.all([postgres.close(), nats.close()]);
  });
});
