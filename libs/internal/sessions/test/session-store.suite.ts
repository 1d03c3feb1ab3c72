import { waitFor } from '@latchkey/testing';
import type { SessionId } from '../src/session-id.js';
import { SessionStoreUnavailableError, type SessionStore } from '../src/session-store.js';
import { Sessions, type NewSession, type SessionsOptions } from '../src/sessions.js';

/** A store with its own server, and what can happen to that. */
export interface StoreUnderTest {
  /** Another replica's. */
  connect(): Promise<SessionStore>;
  /** Everything that the server has stored, as text. */
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

/** What holds for every store, with its real server. For Jest. */
export function describeSessionStore(name: string, start: () => Promise<StoreUnderTest>): void {
  describe(`sessions in ${name}`, () => {
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

    it('are found by their credential, on every replica', async () => {
      const { credential, session } = await sessions.start(ADA);
      expect(session).toMatchObject({ ...ADA, createdAt: now, lastUsedAt: now });
      expect(session).not.toHaveProperty('secretDigest');
      expect(await sessions.find(credential)).toEqual(session);
      expect(await on(await server.connect()).find(credential)).toEqual(session);
    });

    it('are stored without what it takes to use them', async () => {
      const { credential, session } = await sessions.start(ADA);
      const stored = await server.dump();
      expect(stored).toContain(session.id);
      expect(stored).not.toContain(credential.split('.')[1]);
    });

    it('are not found by another secret, nor by what is no credential', async () => {
      const one = await sessions.start(ADA);
      const other = await sessions.start({ ...ADA, subject: 'grace' });
      const mixed = `${one.session.id}.${other.credential.split('.')[1]!}`;
      for (const wrong of [mixed, one.session.id, '', 'x.y', `${one.credential}A`])
        expect(await sessions.find(wrong)).toBeUndefined();
    });

    it('get a new id and secret at every start', async () => {
      const [one, other] = [await sessions.start(ADA), await sessions.start(ADA)];
      expect(one.session.id).not.toBe(other.session.id);
      expect(one.credential.split('.')[1]).not.toBe(other.credential.split('.')[1]);
    });

    it('can have the id that another record gave them', async () => {
      const { session } = await sessions.start({ ...ADA, id: 'given' as SessionId });
      expect(session.id).toBe('given');
      await sessions.end(session.id);
    });

    it('end at once, on every replica', async () => {
      const { credential, session } = await sessions.start(ADA);
      const elsewhere = on(await server.connect());
      expect(await elsewhere.find(credential)).toBeDefined();
      expect(await sessions.end(session.id)).toBe(true);
      expect(await elsewhere.find(credential)).toBeUndefined();
      expect(await sessions.find(credential)).toBeUndefined();
      expect(await elsewhere.end(session.id)).toBe(false);
    });

    it('of one user end together, and those of others stay', async () => {
      const of = async (subject: string) => (await sessions.start({ ...ADA, subject })).credential;
      const adas = [await of('ada'), await of('ada'), await of('ada')];
      const graces = await of('grace');
      expect(await sessions.endAll('ada')).toBe(3);
      for (const credential of adas) expect(await sessions.find(credential)).toBeUndefined();
      expect(await sessions.find(graces)).toBeDefined();
      expect(await sessions.endAll('ada')).toBe(0);
    });

    it('are listed newest first, those that live', async () => {
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

    it('end when they are not used, by the clock of the server', async () => {
      const brief = on(store, { idleSeconds: 0.3 });
      const { credential } = await brief.start(ADA);
      expect(await brief.find(credential)).toBeDefined();
      await waitFor(async () => (await brief.find(credential)) === undefined);
      expect(await brief.list('ada')).toEqual([]);
    });

    it('end at their absolute end, however much they are used', async () => {
      const { credential } = await on(store, { absoluteSeconds: 10 }).start(ADA);
      now += 9 * SECONDS;
      expect(await sessions.find(credential)).toBeDefined();
      now += SECONDS;
      expect(await sessions.find(credential)).toBeUndefined();
      expect(await sessions.list('ada')).toEqual([]);
    });

    it('are not written at each use, and yet slide', async () => {
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

    it('slide past the time that they were given at first', async () => {
      const brief = { idleSeconds: 1, touchIntervalSeconds: 0, now: Date.now };
      const sliding = new Sessions(store, brief);
      const { credential, session } = await sliding.start(ADA);
      await waitFor(async () => {
        const found = await sliding.find(credential);
        if (!found) throw new Error('it ended while it was used');
        return found.lastUsedAt > session.createdAt + 1.5 * SECONDS;
      });
    });

    it('stay ended when a use of them is written down too late', async () => {
      const { credential, session } = await sessions.start(ADA);
      const found = await store.find(session.id);
      await sessions.end(session.id);
      await store.touch(found!, now + 1, 60 * SECONDS);
      expect(await sessions.find(credential)).toBeUndefined();
    });

    it('survive a crash of the server, and what had ended stays ended', async () => {
      const kept = await sessions.start(ADA);
      const ended = await sessions.start(ADA);
      await sessions.end(ended.session.id);
      await server.kill();
      await expect(sessions.find(kept.credential)).rejects.toThrow(SessionStoreUnavailableError);
      await server.restart();
      await waitFor(async () => (await sessions.find(kept.credential)) !== undefined);
      expect(await sessions.find(ended.credential)).toBeUndefined();
    });

    it('cannot be told while the server is away: nobody is let in, nothing is lost', async () => {
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

    it('are not waited for when the server hangs, and are there when it goes on', async () => {
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

    it('are refused times that contradict each other', () => {
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
