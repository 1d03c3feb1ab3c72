import {
  startTestDatabase,
  startTestNats,
  type TestDatabase,
  type TestNats,
} from '@latchkey/testing';
import { DataSource } from 'typeorm';
import { AuthReplica } from './auth-fixture.js';
import { SessionStore } from './sessions/session-store.js';

describe('old sessions', () => {
  let database: TestDatabase;
  let nats: TestNats;
  let auth: AuthReplica;

  beforeAll(async () => {
    [database, nats] = await Promise.all([startTestDatabase(), startTestNats()]);
    auth = await AuthReplica.start({ databaseUrl: database.url, nats: nats.credentials('auth') });
  });
  afterAll(async () => {
    await auth.close();
    await nats.close();
    await database.drop();
  });

  it('are removed with their refresh tokens a day after they ended, and no others', async () => {
    const query = (text: string, parameters?: unknown[]) =>
      auth.service.app.get(DataSource).query<object[]>(text, parameters);
    const user = await auth.register();
    const [ended, expired, fresh, live] = [
      await auth.logIn(user),
      await auth.logIn(user),
      await auth.logIn(user),
      await auth.logIn(user),
    ];
    for (const { access_token: token } of [ended, fresh]) await auth.post('/logout', { token });
    await query(`UPDATE sessions SET ended_at = ended_at - interval '25 hours' WHERE id = $1`, [
      ended.sid,
    ]);
    await query(
      `UPDATE sessions SET absolute_expires_at = now() - interval '25 hours' WHERE id = $1`,
      [expired.sid],
    );
    await auth.service.app.get(SessionStore).forget();
    const left = await query('SELECT session_id AS id FROM refresh_tokens');
    const expected = [fresh, live].map(({ sid: id }) => ({ id }));
    expect(left).toHaveLength(2);
    expect(left).toEqual(expect.arrayContaining(expected));
    // A log-out with a token of a session that is no more is a log-out all the same.
    expect((await auth.post('/logout', { token: ended.access_token })).status).toBe(204);
  });
});
