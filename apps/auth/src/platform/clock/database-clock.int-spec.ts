import { waitFor } from '@latchkey/testing';
import { claimsOf, PASSWORD } from '../../../test/auth-fixture.js';
import { Housekeeper } from '@latchkey/service-kit';
import { ExpiredRevocations } from '../../revocations/expired-revocations.js';
import { WrongClock, type Verifying } from '../../../test/wrong-clock-fixture.js';

const HOUR = 3_600;
const nowSeconds = () => Math.floor(Date.now() / 1000);

describe.each([
  ['ahead', HOUR],
  ['behind', -HOUR],
  ['ahead by days', 40 * 86_400],
])('while the clock of the database is %s, and once it is right again, auth', (_, jump) => {
  let world: WrongClock;
  let refuse: Verifying;

  const logIn = async (user: string) => {
    const { access_token: token, refresh_token: refresh, sid } = await world.auth.logIn(user);
    return { token, refresh, sid };
  };
  const everywhere = (token: string) => world.auth.post('/logout/everywhere', { token });

  beforeAll(async () => {
    world = await WrongClock.start();
    refuse = await world.verifier();
  });
  afterAll(() => world.close());
  afterEach(() => world.set(0));

  it('reports it in log, health and metric', async () => {
    await world.set(jump);
    const { body } = await world.auth.send('GET', '/health/ready');
    expect(body).toMatchObject({ checks: { clock: { report: { agrees: false } } } });
    const text = await (await fetch(`${world.auth.url}/metrics`)).text();
    const [, offset] = /^latchkey_database_clock_offset_seconds (\S+)$/m.exec(text) ?? [];
    expect(Math.abs(Number(offset) - jump)).toBeLessThan(1);
    await waitFor(() => world.auth.log.text.includes("Postgres's clock is"));
    await world.set(0);
    await waitFor(() => world.auth.log.text.includes('agree again'));
  });

  it('keeps verifiers fresh', async () => {
    const { token } = await logIn(await world.auth.register());
    for (const ahead of [jump, 0]) {
      await world.set(ahead);
      await refuse.nextWatermark();
      await refuse.nextWatermark();
      expect(await refuse.judge(token)).toBe('accepted');
    }
  });

  it.each(['after', 'before'])('dates tokens by the true time, %s noticing it', async (when) => {
    const user = await world.auth.register();
    await (when === 'after' ? world.set(jump) : world.leap(jump));
    const { token } = await logIn(user);
    const { iat, auth_time: authTime } = claimsOf(token);
    expect(Math.abs(iat - nowSeconds())).toBeLessThan(5);
    expect(Math.abs(authTime - nowSeconds())).toBeLessThan(5);
    expect(await refuse.judge(token)).toBe('accepted');
  });

  it('honours a log-out made meanwhile', async () => {
    const user = await world.auth.register();
    const [before, other] = [await logIn(user), await logIn(user)];
    await world.leap(jump);
    expect((await world.auth.post('/logout', { token: before.token })).status).toBe(204);
    await waitFor(async () => (await refuse.judge(before.token)) === 'revoked');
    await world.set(0);
    await refuse.nextWatermark();
    expect(await refuse.judge(before.token)).toBe('revoked');
    expect(await refuse.judge(other.token)).toBe('accepted');
  });

  it('applies a log-out everywhere to all earlier tokens and to no later ones', async () => {
    const user = await world.auth.register();
    const before = await logIn(user);
    await world.leap(jump);
    const meanwhile = await logIn(user);
    expect((await everywhere(meanwhile.token)).status).toBe(204);
    const after = await logIn(user);
    const outcome = async () =>
      Promise.all([before, meanwhile, after].map(({ token }) => refuse.judge(token)));
    await waitFor(async () => (await outcome())[0] === 'revoked');
    expect(await outcome()).toEqual(['revoked', 'revoked', 'accepted']);
    await world.set(0);
    await refuse.nextWatermark();
    expect(await outcome()).toEqual(['revoked', 'revoked', 'accepted']);
    expect(await refuse.judge((await logIn(user)).token)).toBe('accepted');
    for (const { refresh } of [before, meanwhile])
      expect((await world.auth.refresh(refresh)).status).toBe(400);
  });

  it('lets a user who logged in meanwhile log out everywhere afterwards', async () => {
    const user = await world.auth.register();
    await world.set(jump);
    const meanwhile = await logIn(user);
    await world.set(0);
    expect((await everywhere(meanwhile.token)).status).toBe(204);
    await waitFor(async () => (await refuse.judge(meanwhile.token)) === 'revoked');
    const after = await logIn(user);
    expect(await refuse.judge(after.token)).toBe('accepted');
    expect(await world.auth.honours(after.token)).toBe(true);
  });

  it('loses no log-out from the record or from what a new verifier downloads', async () => {
    const { token } = await logIn(await world.auth.register());
    expect((await world.auth.post('/logout', { token })).status).toBe(204);
    await world.set(jump);
    await world.auth.service.app.get(ExpiredRevocations).purge();
    const during = await world.verifier('accept');
    expect(await during.judge(token)).toBe('revoked');
    await world.set(0);
    const after = await world.verifier('refuse');
    expect(await after.judge(token)).toBe('revoked');
  });

  it('loses no log-out from a snapshot when one is missing from the stream', async () => {
    const user = await world.auth.register();
    const [first, lost, last] = [await logIn(user), await logIn(user), await logIn(user)];
    const other = await logIn(user);
    // The lost log-out is in the middle, because the relay would notice a missing first or last one.
    expect((await world.auth.post('/logout', { token: first.token })).status).toBe(204);
    await world.logOutBesideTheStream(lost.sid);
    expect((await world.auth.post('/logout', { token: last.token })).status).toBe(204);
    await world.set(jump);
    const during = await world.verifier('refuse');
    // A watermark from before these log-outs may have made the verifier complete at first.
    await waitFor(() => during.events.includes('snapshot'));
    expect(during.events).toContain('incomplete');
    for (const ahead of [jump, 0]) {
      await world.set(ahead);
      await during.nextWatermark();
      for (const { token } of [first, lost, last])
        expect(await during.judge(token)).toBe('revoked');
      expect(await during.judge(other.token)).toBe('accepted');
    }
  });

  it('does not lock out users who mistyped a password meanwhile', async () => {
    const user = await world.auth.register();
    await world.set(jump);
    for (let attempt = 0; attempt < 6; attempt++)
      await world.auth.login(user, { password: 'a wrong password' });
    await world.set(0);
    await waitFor(async () => (await world.auth.login(user)).status === 200);
  });

  it('keeps every session', async () => {
    const { token } = await logIn(await world.auth.register());
    await world.set(jump);
    await world.auth.service.app.get(Housekeeper).sweep();
    await world.set(0);
    expect(await world.auth.honours(token)).toBe(true);
    const changed = { currentPassword: PASSWORD, newPassword: 'another correct horse' };
    expect((await world.auth.post('/password', { token, json: changed })).status).toBe(200);
  });
});
