import { waitFor } from '@latchkey/testing';
import type { SessionId } from '../src/session-id.js';
import { SessionStoreUnavailableError, type SessionStore } from '../src/session-store.js';
import { Sessions, type NewSession, type SessionsOptions } from '../src/sessions.js';

/** A store with its own server, and faults to inject into that server. */
export interface StoreUnderTest {
  /** Connects as another replica. */
  connect(): Promise<SessionStore>;
  /** Returns everything that the server stores, as text. */
  dump(): Promise<string>;
  kill(): Promise<void>;
  restart(): Promise<void>;
  freeze(): void;
  thaw(): void;
  close(): Promise<void>;
}

const ADA: NewSession = {
  subject: 'ada',
  clientId: 'web',
  scopes: ['orders:read', 'orders:write'],
  userAgent: 'a browser',
};
const SECONDS = 1000;

/** Defines the Jest tests that every session store must pass, against a real server. */
export function describeSessionStore(name: string, start: () => Promise<StoreUnderTest>): void {
  describe(`a session in ${name}`, () => {
    let server: StoreUnderTest;
    let store: SessionStore;
    let sessions: Sessions;
    let now: number;
    const on = (other: SessionStore, options: SessionsOptions = {}) =>
      new Sessions(other, { now: () => now, ...options });

    beforeAll(async () => {
      server = await start();
      store = await server.connect();
    });
    afterAll(() => server.close());
    beforeEach(async () => {
      now = Date.now();
      sessions = on(store);
      await sessions.endAll('ada');
      await sessions.endAll('grace');
    });

    it('is found by its credential on every replica', async () => {
      const { credential, session } = await sessions.start(ADA);
      expect(session).toMatchObject({ ...ADA, createdAt: now, lastUsedAt: now });
      expect(session).not.toHaveProperty('secretDigest');
      expect(await sessions.find(credential)).toEqual(session);
      expect(await on(await server.connect()).find(credential)).toEqual(session);
    });

    it('is stored without its secret', async () => {
      const { credential, session } = await sessions.start(ADA);
      const stored = await server.dump();
      expect(stored).toContain(session.id);
      expect(stored).not.toContain(credential.split('.')[1]);
    });

    it('is not found by another secret or by malformed text', async () => {
      const one = await sessions.start(ADA);
      const other = await sessions.start({ ...ADA, subject: 'grace' });
      const mixed = `${one.session.id}.${other.credential.split('.')[1]!}`;
      for (const wrong of [mixed, one.session.id, '', 'x.y', `${one.credential}A`])
        expect(await sessions.find(wrong)).toBeUndefined();
    });

    it('gets a new id and secret', async () => {
      const [one, other] = [await sessions.start(ADA), await sessions.start(ADA)];
      expect(one.session.id).not.toBe(other.session.id);
      expect(one.credential.split('.')[1]).not.toBe(other.credential.split('.')[1]);
    });

    it('can be started with a given id', async () => {
      const { session } = await sessions.start({ ...ADA, id: 'given' as SessionId });
      expect(session.id).toBe('given');
      await sessions.end(session.id);
    });

    it('ends at once on every replica', async () => {
      const { credential, session } = await sessions.start(ADA);
      const elsewhere = on(await server.connect());
      expect(await elsewhere.find(credential)).toBeDefined();
      expect(await sessions.end(session.id)).toBe(true);
      expect(await elsewhere.find(credential)).toBeUndefined();
      expect(await sessions.find(credential)).toBeUndefined();
      expect(await elsewhere.end(session.id)).toBe(false);
    });

    it('ends with all others of its user, but not with those of other users', async () => {
      const of = async (subject: string) => (await sessions.start({ ...ADA, subject })).credential;
      const adas = [await of('ada'), await of('ada'), await of('ada')];
      const graces = await of('grace');
      expect(await sessions.endAll('ada')).toBe(3);
      for (const credential of adas) expect(await sessions.find(credential)).toBeUndefined();
      expect(await sessions.find(graces)).toBeDefined();
      expect(await sessions.endAll('ada')).toBe(0);
    });

    it('is listed while it is alive, newest first', async () => {
      const first = await sessions.start(ADA);
      now += SECONDS;
      const second = await sessions.start(ADA);
      now += SECONDS;
      const third = await sessions.start(ADA);
      await sessions.end(second.session.id);
      const listed = await sessions.list('ada');
      expect(listed.map(({ id }) => id)).toEqual([third.session.id, first.session.id]);
      expect(listed[0]).toEqual(third.session);
      expect(await sessions.list('grace')).toEqual([]);
    });

    it('ends when it is not used, by the clock of the server', async () => {
      const brief = on(store, { idleSeconds: 1.5 });
      const { credential } = await brief.start(ADA);
      expect(await brief.find(credential)).toBeDefined();
      await waitFor(async () => (await brief.find(credential)) === undefined);
      expect(await brief.list('ada')).toEqual([]);
    });

    it('ends at its absolute end even if it is in use', async () => {
      const { credential } = await on(store, { absoluteSeconds: 10 }).start(ADA);
      now += 9 * SECONDS;
      expect(await sessions.find(credential)).toBeDefined();
      now += SECONDS;
      expect(await sessions.find(credential)).toBeUndefined();
      expect(await sessions.list('ada')).toEqual([]);
    });

    it('is extended without a write per use', async () => {
      const { credential } = await sessions.start(ADA);
      const started = now;
      now += 59 * SECONDS;
      expect(await sessions.find(credential)).toMatchObject({ lastUsedAt: started });
      now += SECONDS;
      expect(await sessions.find(credential)).toMatchObject({ lastUsedAt: now });
      const touched = now;
      now += SECONDS;
      expect(await sessions.find(credential)).toMatchObject({ lastUsedAt: touched });
    });

    it('outlives its first idle time while it is in use', async () => {
      const brief = { idleSeconds: 2, touchIntervalSeconds: 0, now: Date.now };
      const sliding = new Sessions(store, brief);
      const { credential, session } = await sliding.start(ADA);
      await waitFor(async () => {
        const found = await sliding.find(credential);
        if (!found) throw new Error('the session ended while it was in use');
        return found.lastUsedAt > session.createdAt + 2.5 * SECONDS;
      });
    });

    it('stays ended when a use is recorded afterwards', async () => {
      const { credential, session } = await sessions.start(ADA);
      const found = await store.find(session.id);
      await sessions.end(session.id);
      await store.touch(found!, now + 1, 60 * SECONDS);
      expect(await sessions.find(credential)).toBeUndefined();
    });

    it('survives a crash of the server, and stays ended if it had ended', async () => {
      const kept = await sessions.start(ADA);
      const ended = await sessions.start(ADA);
      await sessions.end(ended.session.id);
      await server.kill();
      await expect(sessions.find(kept.credential)).rejects.toThrow(SessionStoreUnavailableError);
      await server.restart();
      await waitFor(async () => (await sessions.find(kept.credential)) !== undefined);
      expect(await sessions.find(ended.credential)).toBeUndefined();
    });

    it('is neither found nor lost while the server is down', async () => {
      const { credential, session } = await sessions.start(ADA);
      await server.kill();
      const attempts = [
        () => sessions.find(credential),
        () => sessions.start(ADA),
        () => sessions.end(session.id),
        () => sessions.endAll('ada'),
        () => sessions.list('ada'),
      ];
      for (const attempt of attempts)
        await expect(attempt()).rejects.toThrow(SessionStoreUnavailableError);
      await server.restart();
      await waitFor(async () => (await sessions.find(credential)) !== undefined);
    });

    it('times out while the server hangs, and is found afterwards', async () => {
      const { credential } = await sessions.start(ADA);
      server.freeze();
      try {
        const attempts = Array.from({ length: 20 }, () => sessions.find(credential));
        for (const outcome of await Promise.allSettled(attempts))
          expect(outcome).toMatchObject({ reason: { name: 'SessionStoreUnavailableError' } });
      } finally {
        server.thaw();
      }
      await waitFor(async () => (await sessions.find(credential)) !== undefined);
    });

    it('cannot have times that contradict each other', () => {
      for (const options of [
        { idleSeconds: 0 },
        { absoluteSeconds: -1 },
        { idleSeconds: 10, touchIntervalSeconds: 10 },
        { idleSeconds: Number.NaN },
      ])
        expect(() => on(store, options)).toThrow(RangeError);
    });
  });
}
