import { useAuth } from '../../../test/auth-testbed.js';
import {
  logInWithCookie,
  sessionCookieOf,
  useAuthWithRedis,
  withSessionCookie,
} from '../../../test/session-fixture.js';

describe('GET /account', () => {
  const { auth } = useAuth({ env: { ROLES: '{"support":["payments:refund"]}' } });

  it('says who makes the request, with the roles and scopes of the next token', async () => {
    const username = await auth.register('Grace.Hopper');
    const { access_token: token } = await auth.logIn(username);
    const admin = await auth.adminToken();
    await auth.send('PUT', `/admin/users/${username}/roles`, {
      token: admin,
      json: { roles: ['support'] },
    });
    const { status, body, text } = await auth.send('GET', '/account', { token });
    expect(status).toBe(200);
    expect(body).toEqual({
      id: expect.any(String),
      username: 'grace.hopper',
      roles: ['support'],
      scopes: expect.arrayContaining(['orders:read', 'payments:refund']),
      createdAt: expect.any(String),
    });
    expect(text).not.toMatch(/argon|hash|password/i);
    await auth.send('POST', '/logout', { token });
    expect((await auth.send('GET', '/account', { token })).status).toBe(401);
    expect((await auth.send('GET', '/account')).status).toBe(401);
  });
});

describe('GET /account with a session cookie', () => {
  const testbed = useAuthWithRedis();

  it('gives the same answer', async () => {
    const { auth } = testbed;
    const username = await auth.register();
    const cookie = sessionCookieOf(await logInWithCookie(auth, username));
    const { status, body } = await auth.send('GET', '/account', withSessionCookie(cookie));
    expect({ status, username: body['username'] }).toEqual({ status: 200, username });
  });
});
