import { deleteExpired } from '@latchkey/service-kit';
import { waitFor, waitingFor } from '@latchkey/testing';
import { DataSource, type EntityManager } from 'typeorm';
import { claimsOf, keyIdOf } from '../../../test/auth-fixture.js';
import type { UserId } from '../../platform/ids/stored-id.js';
import { storedId } from '../../../test/stored-id-fixture.js';
import { SessionRevocation } from '../../sessions/session-revocation.js';
import { EXPIRING_EXCHANGED_TOKENS } from './exchanged-token-store.js';
import { useExchanges } from '../../../test/token-exchange-fixture.js';

const ROUNDS = 15;
/** Concurrent exchanges per round. */
const EXCHANGES = 6;

describe('an exchanged token', () => {
  const exchanges = useExchanges();

  /** A user's token, the token that orders exchanged it for, and what inventory got for that one. */
  async function family() {
    const username = await exchanges.auth.register();
    const { access_token: parent, sid } = await exchanges.auth.logIn(username);
    const child = await exchanges.exchange('orders', parent, { audience: 'inventory' });
    const grandchild = await exchanges.exchange('inventory', child);
    expect(await activity(parent, child, grandchild)).toEqual([true, true, true]);
    return { username, sid, parent, child, grandchild };
  }

  const activity = (...tokens: string[]) =>
    Promise.all(tokens.map((token) => exchanges.isActive(token)));
  const triggerOf = async (token: string) =>
    exchanges.sql('SELECT trigger FROM revocations WHERE token_id = $1', [claimsOf(token).jti]);

  /** The time that services compare with `iat`; they know nothing about sessions. */
  async function revokedBefore(column: 'subject' | 'client_id', id: string): Promise<number> {
    const [row] = await exchanges.sql<{ before: number }>(
      `SELECT max(issued_before)::float8 AS before FROM revocations WHERE ${column} = $1`,
      [id],
    );
    return row?.before ?? 0;
  }

  it('is revoked with its parent, and so are its own children', async () => {
    const { parent, child, grandchild } = await family();
    const { access_token: other } = await exchanges.auth.logIn(await exchanges.auth.register());
    const others = await exchanges.exchange('orders', other);
    const answer = await exchanges.revoke(parent);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('revocation-position')).toMatch(/^\d+$/);
    expect(await activity(parent, child, grandchild)).toEqual([false, false, false]);
    expect(await triggerOf(parent)).toEqual([{ trigger: 'token_revoked' }]);
    expect(await triggerOf(child)).toEqual([{ trigger: 'parent_token_revoked' }]);
    expect(await triggerOf(grandchild)).toEqual([{ trigger: 'parent_token_revoked' }]);
    expect(await activity(other, others)).toEqual([true, true]);
  });

  it('is revoked once, even if its parent is revoked repeatedly', async () => {
    const { parent, child, grandchild } = await family();
    await exchanges.revoke(child, 'orders');
    await Promise.all([exchanges.revoke(parent), exchanges.revoke(parent)]);
    expect(await triggerOf(parent)).toHaveLength(1);
    expect(await triggerOf(child)).toEqual([{ trigger: 'token_revoked' }]);
    expect(await triggerOf(grandchild)).toEqual([{ trigger: 'parent_token_revoked' }]);
  });

  it('can be revoked by its client, together with its children but not its parent', async () => {
    const { parent, child, grandchild } = await family();
    const sibling = await exchanges.exchange('orders', parent);
    const stranger = await exchanges.revoke(child, 'payments');
    expect(stranger).toMatchObject({ status: 400, body: { error: 'unauthorized_client' } });
    expect((await exchanges.revoke(child, 'orders')).status).toBe(200);
    expect(await activity(parent, child, grandchild, sibling)).toEqual([true, false, false, true]);
  });

  it('does not affect the children of another token of the same session', async () => {
    const username = await exchanges.auth.register();
    const { access_token: first, refresh_token: refresh } = await exchanges.auth.logIn(username);
    const { access_token: second } = (await exchanges.auth.refresh(refresh)).body;
    const [ofFirst, ofSecond] = [
      await exchanges.exchange('orders', first),
      await exchanges.exchange('orders', second),
    ];
    await exchanges.revoke(first);
    expect(await activity(first, ofFirst, second, ofSecond)).toEqual([false, false, true, true]);
  });

  it('ends with its session, without a revocation of its own', async () => {
    const { parent: token, child, grandchild } = await family();
    await exchanges.auth.post('/logout', { token });
    expect(await activity(token, child, grandchild)).toEqual([false, false, false]);
    expect(await triggerOf(child)).toEqual([]);
  });

  it('ends with its user', async () => {
    const { username, child, grandchild } = await family();
    await exchanges.asAdmin('POST', `/users/${username}/disable`);
    expect(await activity(child, grandchild)).toEqual([false, false]);
  });

  it("ends with its parent's signing key, even if another key signed it", async () => {
    const { parent } = await family();
    await waitFor(
      async () => (await exchanges.asAdmin('POST', '/signing-keys/rotate')).status === 200,
      { timeoutMs: 15_000, intervalMs: 200 },
    );
    const child = await exchanges.exchange('orders', parent, { audience: 'inventory' });
    const grandchild = await exchanges.exchange('inventory', child);
    expect(keyIdOf(child)).not.toBe(keyIdOf(parent));
    await exchanges.asAdmin('POST', `/signing-keys/${keyIdOf(parent)}/revoke`);
    expect(await activity(parent, child, grandchild)).toEqual([false, false, false]);
    expect(await triggerOf(grandchild)).toEqual([{ trigger: 'parent_token_revoked' }]);
    expect((await family()).child).toEqual(expect.any(String));
  });

  it('is deleted once it has expired on every verifier, and not before', async () => {
    const { child, grandchild } = await family();
    const [expired, fresh] = [claimsOf(child).jti, claimsOf(grandchild).jti];
    const age = 'UPDATE exchanged_tokens SET expires_at = expires_at - $2 WHERE token_id = $1';
    await exchanges.sql(age, [expired, 4_000]);
    await exchanges.sql(age, [fresh, 3_930]);
    await deleteExpired(exchanges.auth.service.app.get(DataSource), EXPIRING_EXCHANGED_TOKENS);
    const left = await exchanges.sql(
      'SELECT DISTINCT token_id FROM exchanged_tokens WHERE token_id IN ($1, $2)',
      [expired, fresh],
    );
    expect(left).toEqual([{ token_id: fresh }]);
  });

  describe('when an exchange races with', () => {
    /**
     * Expects every exchanged token to be inactive once the revocation has been answered.
     *
     * @param answered the number of exchanges to complete before the revocation is sent
     */
    async function race(
      { client, token, answered = 0 }: { client: string; token: string; answered?: number },
      revoke: () => Promise<{ status: number }>,
    ): Promise<string[]> {
      const given: string[] = [];
      let count = 0;
      const exchange = async () => {
        const { status, body } = await exchanges.ask(client, token);
        count += 1;
        if (status === 200) given.push(body.access_token);
      };
      const revokeInTime = async () => {
        await waitFor(() => count >= answered, { intervalMs: 1 });
        return revoke();
      };
      const asked = Array.from({ length: EXCHANGES }, exchange);
      const [revoked] = await Promise.all([revokeInTime(), ...asked]);
      expect(revoked.status).toBeLessThan(300);
      expect(await activity(...given)).toEqual(given.map(() => false));
      expect((await exchanges.ask(client, token)).status).not.toBe(200);
      return given;
    }

    async function raceOften(
      rounds: number,
      round: (answered: number) => Promise<string[]>,
    ): Promise<void> {
      let given = 0;
      for (let played = 0; played < rounds; played += 1)
        given += (await round(played % EXCHANGES)).length;
      // Otherwise no exchange came before the revocation, and the test proves nothing.
      expect(given).toBeGreaterThan(0);
    }

    it('the revocation of its parent, no child outlives the parent', async () => {
      const username = await exchanges.auth.register();
      await raceOften(ROUNDS, async (answered) => {
        const { access_token: token } = await exchanges.auth.logIn(username);
        return race({ client: 'orders', token, answered }, () => exchanges.revoke(token));
      });
    });

    it('the revocation of its grandparent, no grandchild outlives it', async () => {
      const username = await exchanges.auth.register();
      await raceOften(ROUNDS, async (answered) => {
        const { access_token: parent } = await exchanges.auth.logIn(username);
        const token = await exchanges.exchange('orders', parent, { audience: 'inventory' });
        return race({ client: 'inventory', token, answered }, () => exchanges.revoke(parent));
      });
    });

    it('a log-out everywhere, no child has a later iat', async () => {
      const username = await exchanges.auth.register();
      await raceOften(EXCHANGES, async (answered) => {
        const { access_token: token } = await exchanges.auth.logIn(username);
        const everywhere = () => exchanges.auth.post('/logout/everywhere', { token });
        const given = await race({ client: 'orders', token, answered }, everywhere);
        const before = await revokedBefore('subject', claimsOf(token).sub);
        for (const child of given) expect(claimsOf(child).iat).toBeLessThan(before);
        return given;
      });
    });

    it('the revocation of the calling client, no child has a later iat', async () => {
      const { access_token: token } = await exchanges.auth.logIn(await exchanges.auth.register());
      const revoke = () => exchanges.asAdmin('POST', '/clients/inventory/revoke');
      const given = await race({ client: 'inventory', token, answered: 1 }, revoke);
      const before = await revokedBefore('client_id', 'inventory');
      expect(given.length).toBeGreaterThan(0);
      for (const child of given) expect(claimsOf(child).iat).toBeLessThan(before);
    });

    it("the revocation of the parent's client, no child outlives the parent", async () => {
      const username = await exchanges.auth.register();
      const { access_token: parent } = await exchanges.auth.logIn(username);
      const token = await exchanges.exchange('orders', parent, { audience: 'payments' });
      const revoke = () => exchanges.asAdmin('POST', '/clients/orders/revoke');
      const given = await race({ client: 'payments', token, answered: 1 }, revoke);
      expect(await activity(parent, token)).toEqual([true, false]);
      expect(given.length).toBeGreaterThan(0);
      expect((await exchanges.ask('orders', parent)).body.error).toBe('invalid_client');
    });
  });

  describe('when an exchange is delayed between its queries', () => {
    const dataSource = () => exchanges.auth.service.app.get(DataSource);

    /** Whether a connection waits for a row that the test has locked. */
    const isHeldUp = async (manager: EntityManager) =>
      (await waitingFor((query, holder) => manager.query(query, holder))).length > 0;
    const secondHasCome = (second: number) => waitFor(() => Date.now() / 1000 >= second + 0.1);

    it('sees a log-out everywhere that starts before it and commits after', async () => {
      const username = await exchanges.auth.register();
      const { access_token: token } = await exchanges.auth.logIn(username);
      const asked = await dataSource().transaction(async (manager) => {
        const revocation = exchanges.auth.service.app.get(SessionRevocation);
        const userId = storedId<UserId>(claimsOf(token).sub);
        const [decided] = await revocation.endAll(manager, userId, 'logout_everywhere');
        await secondHasCome(decided?.kind === 'subject' ? decided.before : NaN);
        let answered = false;
        const answer = exchanges.ask('payments', token).finally(() => (answered = true));
        await waitFor(async () => answered || (await isHeldUp(manager)));
        // Wrapped in an object, so that the transaction does not await the promise.
        return { answer };
      });
      expect((await asked.answer).body.error).toBe('invalid_request');
    });

    it('dates its token before the revocation of its client, even if signed after it', async () => {
      const username = await exchanges.auth.register();
      const { access_token: token } = await exchanges.auth.logIn(username);
      const asked = await dataSource().transaction(async (manager) => {
        await manager.query('SELECT FROM users WHERE username = $1 FOR UPDATE', [username]);
        const answer = exchanges.ask('payments', token);
        await waitFor(() => isHeldUp(manager));
        await exchanges.asAdmin('POST', '/clients/payments/revoke');
        await secondHasCome(await revokedBefore('client_id', 'payments'));
        return { answer };
      });
      const { body } = await asked.answer;
      const before = await revokedBefore('client_id', 'payments');
      expect(claimsOf(body.access_token).iat).toBeLessThan(before);
      expect(await exchanges.isActive(body.access_token)).toBe(false);
    });
  });
});
