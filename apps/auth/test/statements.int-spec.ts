import { jest } from '@jest/globals';
import { TokenReply } from '@latchkey/contracts/auth-api';
import { recordRequestStatements } from '@latchkey/service-kit/suite';
import { waitFor } from '@latchkey/testing';
import { EventPublisher } from '../src/revocations/event-publisher.js';
import { CLIENT, PASSWORD, type Answer, type Sent } from './auth-fixture.js';
import {
  logInWithCookie,
  sessionCookieOf,
  useAuthWithRedis,
  withSessionCookie,
} from './session-fixture.js';
import { EXCHANGING_CLIENTS, exchangeToken } from './token-exchange-fixture.js';

/** Each statement is a round trip while the caller waits. Raise a number only with a reason. */
describe('the number of SQL statements', () => {
  const { auth } = useAuthWithRedis({ env: { OAUTH_CLIENTS: EXCHANGING_CLIENTS } });
  let ada: string;
  let publications: Promise<unknown>[] = [];

  beforeAll(async () => {
    // The service loads its keys and sets up its stream before its first answers.
    await waitFor(async () => {
      const { access_token: token } = await auth.logIn(await auth.register());
      return (await auth.honours(token)) && (await auth.post('/logout', { token })).status === 204;
    });
    // The relay would publish again, with more statements, what NATS does not acknowledge at once.
    const publisher = auth.service.app.get(EventPublisher);
    const publish = publisher.publish.bind(publisher);
    const begun = new Map<string, ReturnType<typeof publish>>();
    jest.spyOn(publisher, 'publish').mockImplementation((ids, to) => {
      const published =
        begun.get(ids.join()) ?? publish(ids, { ...to, timeoutMilliseconds: 20_000 });
      begun.set(ids.join(), published);
      publications.push(published);
      return published;
    });
  });
  beforeEach(async () => {
    ada = await auth.register();
    // The first log-in from an address is charged to more counters than later ones.
    await auth.logIn(ada);
  });

  const statementsOf = async (request: () => Promise<Answer>) => {
    const statements = await recordRequestStatements(async () => {
      publications = [];
      const answer = await request();
      expect(answer.status).toBeLessThan(300);
      await Promise.all(publications);
      return answer;
    });
    return statements.length;
  };
  const post = (path: string, sent: Sent) => () => auth.post(path, sent);
  const credentials = () => ({ username: ada, password: PASSWORD });
  const tokensOf = async (answer: Promise<Answer>) => TokenReply.parse((await answer).body);
  const withCookie = async () =>
    withSessionCookie(sessionCookieOf(await logInWithCookie(auth, ada)));
  const asClient = (id: string, form: Record<string, string>): Sent => ({
    form: { client_id: id, client_secret: CLIENT.secret, ...form },
  });

  it('is 2 to register', async () => {
    const json = { username: `${ada}-2`, password: PASSWORD };
    expect(await statementsOf(post('/register', { json }))).toBe(2);
  });

  it('is 24 to log in, and 22 to log in with a cookie', async () => {
    const json = credentials();
    expect(await statementsOf(post('/login', { json }))).toBe(24);
    expect(await statementsOf(post('/session/login', { json }))).toBe(22);
  });

  it('is 12 to refresh', async () => {
    const { refresh_token: token } = await auth.logIn(ada);
    expect(await statementsOf(() => auth.refresh(token))).toBe(12);
  });

  it('is 4 to list sessions', async () => {
    const { access_token: token } = await auth.logIn(ada);
    expect(await statementsOf(() => auth.send('GET', '/sessions', { token }))).toBe(4);
  });

  it('is 13 to end one other session, and 10 if there is none', async () => {
    const { access_token: token } = await auth.logIn(ada);
    const endOthers = () => auth.send('DELETE', '/sessions', { token });
    expect(await statementsOf(endOthers)).toBe(13);
    expect(await statementsOf(endOthers)).toBe(10);
  });

  it('is 8 to log out, 6 to do it again, and 12 to log out everywhere', async () => {
    const [one, other] = [await auth.logIn(ada), await auth.logIn(ada)];
    expect(await statementsOf(post('/logout', { token: one.access_token }))).toBe(8);
    expect(await statementsOf(post('/logout', { token: one.access_token }))).toBe(6);
    expect(await statementsOf(post('/logout/everywhere', { token: other.access_token }))).toBe(12);
  });

  it('is 0 to read a cookie session, 7 to get its token, and 6 to log out', async () => {
    const sent = await withCookie();
    expect(await statementsOf(() => auth.send('GET', '/session', sent))).toBe(0);
    expect(await statementsOf(post('/session/token', sent))).toBe(7);
    expect(await statementsOf(() => auth.send('DELETE', '/session', sent))).toBe(6);
  });

  it('is 36 to change a password and end the other session', async () => {
    const { access_token: token } = await auth.logIn(ada);
    const json = { currentPassword: PASSWORD, newPassword: `${PASSWORD}!` };
    expect(await statementsOf(post('/password', { token, json }))).toBe(36);
  });

  it('is 14 to exchange a token, and 17 to exchange one that was exchanged', async () => {
    const { access_token: token } = await auth.logIn(ada);
    expect(await statementsOf(() => exchangeToken(auth, 'orders', token))).toBe(14);
    const { access_token: exchanged } = await tokensOf(exchangeToken(auth, 'orders', token));
    expect(await statementsOf(() => exchangeToken(auth, 'inventory', exchanged))).toBe(17);
  });

  it("is 1 for a client's own token, and 5 to introspect a token", async () => {
    const { access_token: token } = await auth.logIn(ada);
    const form = { grant_type: 'client_credentials' };
    const own = () => auth.post('/oauth/token', asClient('payments', form));
    expect(await statementsOf(own)).toBe(1);
    const introspect = (about: string) =>
      post('/oauth/introspect', asClient('checker', { token: about }));
    expect(await statementsOf(introspect(token))).toBe(5);
    const { access_token: clientToken } = await tokensOf(own());
    expect(await statementsOf(introspect(clientToken))).toBe(5);
  });

  it('is 7 to revoke a refresh token', async () => {
    const { refresh_token: token } = await auth.logIn(ada);
    const form = { token, client_id: 'latchkey-web' };
    expect(await statementsOf(post('/oauth/revoke', { form }))).toBe(7);
  });

  it('is 16 to disable a user, 5 to enable one, and 15 to revoke a client', async () => {
    const token = await auth.adminToken();
    expect(await statementsOf(post(`/admin/users/${ada}/disable`, { token }))).toBe(16);
    expect(await statementsOf(post(`/admin/users/${ada}/enable`, { token }))).toBe(5);
    expect(await statementsOf(post('/admin/clients/stranger/revoke', { token }))).toBe(15);
  });
});
