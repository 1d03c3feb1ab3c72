import type { SessionListReply } from '@latchkey/contracts/auth-api';
import { PASSWORD, type AuthReplica } from '../../test/auth-fixture.js';
import {
  LOCAL_ISSUER,
  logInWithCookie,
  sessionCookieOf,
  useAuthWithRedis,
  withSessionCookie,
} from '../../test/session-fixture.js';

describe('the list of sessions', () => {
  const testbed = useAuthWithRedis();
  let auth: AuthReplica;
  beforeAll(async () => {
    auth = await testbed.startReplica({ TRUST_PROXY: 'true', ISSUER: LOCAL_ISSUER });
  });

  const from = (address: string) => ({ 'x-forwarded-for': address });
  const logInFrom = async (address: string, at = auth) => {
    const username = await at.register();
    const json = { username, password: PASSWORD };
    const { body } = await at.post('/login', { json, headers: from(address) });
    return { username, ...body };
  };
  const refreshFrom = async (address: string, refresh_token: string, at = auth) => {
    const form = { grant_type: 'refresh_token', refresh_token };
    const { status, body } = await at.post('/oauth/token', { form, headers: from(address) });
    expect(status).toBe(200);
    return body;
  };
  const placesOf = async (token: string, path = '/sessions', at = auth) => {
    const { body } = await at.send('GET', path, { token });
    return (body as unknown as SessionListReply).sessions.map(({ loginAddress, lastAddress }) => ({
      loginAddress,
      lastAddress,
    }));
  };
  /** The stored addresses, as an administrator sees them: a session would see its own request instead. */
  const recordedOf = async (username: string) =>
    placesOf(await auth.adminToken(), `/admin/users/${username}/sessions`);

  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['203.0.113.7:4711', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['2001:DB8:0:7::1', '2001:db8:0:7::/64'],
    ['[2001:db8:0:7::2]:4711', '2001:db8:0:7::/64'],
    // The proxy's own address, as in the rate limits: nonsense must not reach a page.
    ['<script>', '127.0.0.1'],
  ])('has the network address of the log-in: %s', async (forwarded, loginAddress) => {
    const { username } = await logInFrom(forwarded);
    expect(await recordedOf(username)).toEqual([{ loginAddress, lastAddress: loginAddress }]);
  });

  it('has the address of the last refresh, which the session itself is not told', async () => {
    const { username, refresh_token: refresh } = await logInFrom('203.0.113.7');
    const { refresh_token: second } = await refreshFrom('198.51.100.1', refresh);
    const { access_token: token } = await refreshFrom('198.51.100.2', second);
    const recorded = { loginAddress: '203.0.113.7', lastAddress: '198.51.100.2' };
    expect(await recordedOf(username)).toEqual([recorded]);
    expect(await placesOf(token)).toEqual([{ ...recorded, lastAddress: '127.0.0.1' }]);
    const { body: other } = await auth.post('/login', { json: { username, password: PASSWORD } });
    expect(await placesOf(other.access_token)).toContainEqual(recorded);
  });

  it('has only the log-in of a cookie session, which is used at every service', async () => {
    const username = await auth.register();
    const cookie = sessionCookieOf(await logInWithCookie(auth, username));
    const { body } = await auth.send('GET', '/sessions', withSessionCookie(cookie));
    expect(body.sessions).toEqual([
      expect.objectContaining({ loginAddress: '127.0.0.1', lastAddress: null }),
    ]);
  });

  it('is empty for a session of the previous release', async () => {
    const { username, refresh_token: refresh } = await logInFrom('203.0.113.7');
    await testbed.sql('UPDATE sessions SET login_address = NULL, last_address = NULL');
    expect(await recordedOf(username)).toEqual([{ loginAddress: null, lastAddress: null }]);
    await refreshFrom('198.51.100.1', refresh);
    expect(await recordedOf(username)).toEqual([
      { loginAddress: null, lastAddress: '198.51.100.1' },
    ]);
  });

  it('keeps and shows no addresses with SESSION_ADDRESSES=false, and erases those it meets', async () => {
    const off = await testbed.startReplica({
      ...{ TRUST_PROXY: 'true', ISSUER: LOCAL_ISSUER },
      SESSION_ADDRESSES: 'false',
    });
    const nothing = [{ loginAddress: null, lastAddress: null }];
    const { username } = await logInFrom('203.0.113.7', off);
    expect(await recordedOf(username)).toEqual(nothing);
    const known = await logInFrom('203.0.113.7');
    expect(await placesOf(known.access_token, '/sessions', off)).toEqual(nothing);
    await refreshFrom('203.0.113.7', known.refresh_token, off);
    expect(await recordedOf(known.username)).toEqual(nothing);
  });
});
