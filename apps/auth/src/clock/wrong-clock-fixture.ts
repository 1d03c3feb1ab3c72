import { DenyList } from '@latchkey/deny-list';
import { createRevocationFeed } from '@latchkey/deny-list-nats';
import {
  makeDatabaseClock,
  startTestDatabase,
  startTestNats,
  waitFor,
  type TestDatabaseClock,
} from '@latchkey/testing';
import { createVerifier, type WhenStale } from '@latchkey/verifier';
import { DataSource } from 'typeorm';
import { AuthReplica, CLIENT, ISSUER } from '../auth-fixture.js';
import { ServiceClock } from './service-clock.js';

const EVENT = { type: 'secevent+jwt', audience: 'urn:latchkey:revocation-feed' };

/** A service of its own that verifies, fed as any other. */
export type Verifying = Awaited<ReturnType<WrongClock['verifier']>>;

/** The auth service with a database whose clock can leap, and services that verify its tokens. */
export class WrongClock {
  readonly #closers: (() => Promise<unknown> | void)[] = [];

  private constructor(
    readonly auth: AuthReplica,
    readonly database: DataSource,
    private readonly clock: TestDatabaseClock,
    private readonly nats: Awaited<ReturnType<typeof startTestNats>>,
    private readonly end: () => Promise<unknown>,
  ) {}

  static async start(): Promise<WrongClock> {
    const [database, nats] = await Promise.all([startTestDatabase(), startTestNats()]);
    const clock = await makeDatabaseClock(database.url);
    const auth = await AuthReplica.start({
      databaseUrl: database.url,
      nats: nats.credentials('auth'),
      env: { AUDIENCES: 'orders' },
    });
    const dataSource = auth.service.app.get(DataSource);
    return new WrongClock(auth, dataSource, clock, nats, async () => {
      await auth.close();
      await Promise.all([nats.close(), database.drop()]);
    });
  }

  async close(): Promise<void> {
    for (const close of this.#closers) await close();
    await this.end();
  }

  /** Resolves when the service has seen it. */
  async set(aheadSeconds: number): Promise<void> {
    await this.clock.set(aheadSeconds);
    const clock = this.auth.service.app.get(ServiceClock);
    await waitFor(() => Math.abs(clock.databaseAheadSeconds - aheadSeconds) < 1);
  }

  /** The moment right after the leap, before anybody can have noticed. */
  leap(aheadSeconds: number): Promise<void> {
    return this.clock.set(aheadSeconds);
  }

  async verifier(whenStale: WhenStale = 'refuse', snapshot = false) {
    const denyList = new DenyList();
    const verifier = createVerifier({
      issuer: ISSUER,
      audience: 'orders',
      jwksUri: `${this.auth.url}/.well-known/jwks.json`,
      revocations: denyList,
      whenStale,
    });
    const { servers, user, pass: password } = this.nats.credentials('orders');
    const signed = (type: string, audience: string) => async (jws: string) =>
      (await verifier.verifySignedEvent(jws, { type, audience })).claims;
    const feed = createRevocationFeed({
      ...{ servers, user, password, denyList },
      verifyEvent: signed(EVENT.type, EVENT.audience),
      ...(snapshot && {
        snapshot: {
          url: `${this.auth.url}/revocations/snapshot`,
          clientId: CLIENT.id,
          clientSecret: CLIENT.secret,
        },
        verifySnapshot: signed('latchkey-snapshot+jwt', 'urn:latchkey:snapshot'),
      }),
    });
    this.#closers.push(
      () => feed.close(),
      () => verifier.close(),
    );
    await verifier.loadKeys();
    await feed.start();
    const judge = async (token: string) => {
      try {
        await verifier.verify(token);
        return 'accepted';
      } catch (error) {
        return (error as { code: string }).code;
      }
    };
    /** Resolves when so many further watermarks were taken in by a list that is fresh then. */
    const nextWatermark = async () => {
      const { position } = feed.state;
      await waitFor(() => feed.state.position > position && denyList.stalenessSeconds(ISSUER) < 2);
    };
    return { judge, nextWatermark, denyList };
  }
}
