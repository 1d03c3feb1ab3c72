import { waitFor } from '@latchkey/testing';
import { readFileSync } from 'node:fs';
import { ADMIN, PASSWORD, type Answer } from '../../../test/auth-fixture.js';
import {
  LOCAL_ISSUER,
  logInWithCookie,
  sessionCookieOf,
  useAuthWithRedis,
  withSessionCookie,
} from '../../../test/session-fixture.js';
import { NARROW_POLICY, TRUST_DOMAIN } from '../../../test/token-exchange-fixture.js';
import { AUDIT_EVENTS, AUDIT_MESSAGES, type AuditEvent } from './audit-event.js';
import { NEW_PASSWORD, useActs, WRONG_PASSWORD, type Act } from '../../../test/audit-acts.js';

const UUID = /^[0-9a-f-]{36}$/;

interface Line {
  readonly audit: AuditEvent;
  readonly [name: string]: unknown;
}

describe('the audit log', () => {
  const testbed = useAuthWithRedis({
    env: { ...NARROW_POLICY, TRUST_DOMAIN, SIGNING_KEY_PUBLISH_AHEAD_SECONDS: '1' },
  });
  const { auth, sql } = testbed;
  const { acts: ACTS, admin, exchanges, someone } = useActs(testbed);

  /** The lines of one kind, or of all kinds. */
  const linesOf = (event?: AuditEvent): Line[] =>
    auth.log.text
      .split('\n')
      .filter((line) => line.includes('"audit":'))
      .map((line) => JSON.parse(line) as Line)
      .filter(({ audit }) => event === undefined || audit === event);

  async function counts(): Promise<Record<string, number>> {
    const text = await (await fetch(`${auth.url}/metrics`)).text();
    const found = text.matchAll(/^latchkey_audit_events_total\{event="(\w+)"\} (\d+)$/gm);
    return Object.fromEntries(Array.from(found, ([, event = '', count]) => [event, Number(count)]));
  }

  it.each(Object.entries(ACTS) as [AuditEvent, () => Promise<Act>][])(
    'has a line and a count for %s',
    async (event, act) => {
      const before = await counts();
      const written = linesOf().length;
      const { details } = await act();
      const line = linesOf(event).at(-1)!;
      expect(line).toEqual({
        ...{ level: 30, name: 'auth', time: expect.any(String), pid: expect.any(Number) },
        hostname: expect.any(String),
        requestId: expect.stringMatching(UUID),
        msg: AUDIT_MESSAGES[event],
        audit: event,
        address: '127.0.0.1',
        ...details,
      });
      const after = await counts();
      const counted = AUDIT_EVENTS.map((name) => after[name]! - before[name]!);
      const lines = linesOf().slice(written);
      expect(counted).toEqual(
        AUDIT_EVENTS.map((name) => lines.filter(({ audit }) => audit === name).length),
      );
      expect(lines.filter(({ audit }) => audit === event).length).toBeGreaterThan(0);
    },
  );

  it.each(['logout', 'token_revoked', 'refresh_token_reused'] as const)(
    'has one line for one %s',
    async (event) => {
      const before = linesOf(event).length;
      await ACTS[event]();
      expect(linesOf(event)).toHaveLength(before + 1);
    },
  );

  it('calls the revocation of a refresh token a log-out, once', async () => {
    const { session, subject, sessionId } = await someone();
    const before = linesOf('logout').length;
    await exchanges.revoke(session.refresh_token);
    await exchanges.revoke(session.refresh_token);
    const lines = linesOf('logout').slice(before);
    expect(lines).toEqual([expect.objectContaining({ subject, sessionId })]);
  });

  it('says how a user logged in', async () => {
    const name = await auth.register();
    const { body } = await logInWithCookie(auth, name);
    expect(linesOf('login').at(-1)).toMatchObject({
      credential: 'cookie',
      sessionId: body['sid'],
      subject: body['subject'],
    });
  });

  it('does not name an account that does not exist, since a name may be a mistyped password', async () => {
    await auth.login('no-such-account', { password: WRONG_PASSWORD });
    const line = linesOf('login_failed').at(-1)!;
    expect(line['reason']).toBe('credentials');
    expect(line).not.toHaveProperty('subject');
    expect(auth.log.text).not.toContain('no-such-account');
  });

  it('has the refusals of clients that do not authenticate, without what they sent', async () => {
    await exchanges.ask('nobody-knows-me', 'x.y.z');
    expect(linesOf('token_exchange_refused').at(-1)).toMatchObject({ error: 'invalid_client' });
    await exchanges.asClient('robot', { client_secret: WRONG_PASSWORD });
    expect(linesOf('client_token_refused').at(-1)).toMatchObject({ error: 'invalid_client' });
    expect(auth.log.text).not.toContain('nobody-knows-me');
  });

  it('says when attempts are throttled', async () => {
    const { username, token, subject } = await someone();
    const json = { currentPassword: WRONG_PASSWORD, newPassword: NEW_PASSWORD };
    const until429 = (attempt: () => Promise<Answer>) =>
      waitFor(async () => (await attempt()).status === 429, { timeoutMs: 20_000, intervalMs: 0 });
    await until429(() => auth.post('/password', { token, json }));
    expect(linesOf('password_change_failed').at(-1)).toMatchObject({
      subject,
      reason: 'throttled',
    });
    await until429(() => auth.login(username, { password: WRONG_PASSWORD }));
    expect(linesOf('login_failed').at(-1)).toMatchObject({ reason: 'throttled' });
    await sql('DELETE FROM login_throttle');
  });

  it('has the address that a trusted proxy reports', async () => {
    const behindProxy = await testbed.startReplica({ TRUST_PROXY: 'true', ISSUER: LOCAL_ISSUER });
    const name = await auth.register();
    await behindProxy.post('/login', {
      json: { username: name, password: PASSWORD },
      headers: { 'x-forwarded-for': '203.0.113.7:4711' },
    });
    const line = behindProxy.log.text.split('\n').find((each) => each.includes('"audit":"login"'));
    expect(line).toContain('"address":"203.0.113.7"');
  });

  it('has no token, password, cookie or secret', async () => {
    const { session, token } = await someone();
    const cookie = sessionCookieOf(await logInWithCookie(auth, await auth.register()));
    const fromCookie = await exchanges.askWithCookie('orders', cookie, { audience: 'inventory' });
    const fromToken = await exchanges.exchange('orders', token);
    await auth.send('DELETE', '/session', withSessionCookie(cookie));
    const secrets = [PASSWORD, WRONG_PASSWORD, NEW_PASSWORD, ADMIN.password, admin.token, token];
    const issued = [session.refresh_token, fromToken, fromCookie.body.access_token];
    for (const secret of [...secrets, ...issued, cookie.split('.')[1]!, 'a secret of high entropy'])
      expect(auth.log.text).not.toContain(secret);
  });

  it('is described in docs/operations.md, event by event', () => {
    const docs = readFileSync(
      new URL('../../../../../docs/operations.md', import.meta.url),
      'utf8',
    );
    const [, table = ''] = /\n## Audit\n(.*?)\n## /s.exec(docs) ?? [];
    const named = table
      .split('\n')
      .filter((line) => line.startsWith('| `'))
      .flatMap((line) => [...line.split('|')[1]!.matchAll(/`(\w+)`/g)].map(([, name]) => name));
    expect(named.sort()).toEqual([...AUDIT_EVENTS].sort());
  });
});
