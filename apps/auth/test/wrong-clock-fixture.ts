import { SNAPSHOT_PATH } from '@latchkey/contracts';
import { DenyList } from '@latchkey/deny-list';
import {
  createRevocationFeed,
  eventVerifier,
  snapshotVerifier,
  type FeedEvent,
} from '@latchkey/deny-list-nats';
import {
  makeDatabaseClock,
  startTestNats,
  waitFor,
  type TestDatabaseClock,
} from '@latchkey/testing';
import { createVerifier, type WhenStale } from '@latchkey/verifier';
import { DataSource } from 'typeorm';
import { AuthReplica, CLIENT, ISSUER } from './auth-fixture.js';
import { ServiceClock } from '../src/platform/clock/service-clock.js';
import { startAuthDatabase } from './auth-database.js';

/** A verifying service with a feed of its own. */
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
    const [database, nats] = await Promise.all([startAuthDatabase(), startTestNats()]);
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

  /** Sets the clock, and waits until the service has noticed. */
  async set(aheadSeconds: number): Promise<void> {
    await this.clock.set(aheadSeconds);
    const clock = this.auth.service.app.get(ServiceClock);
    await waitFor(() => Math.abs(clock.databaseAheadSeconds - aheadSeconds) < 1);
  }

  /** Sets the clock without waiting until the service notices. */
  leap(aheadSeconds: number): Promise<void> {
    return this.clock.set(aheadSeconds);
  }

  /** Records a log-out as published that is missing from the stream. */
  async logOutBesideTheStream(sessionId: string): Promise<void> {
    await this.database.query(
      `WITH number AS (UPDATE revocation_stream SET next_serial = next_serial + 1
                       RETURNING next_serial - 1 AS serial)
       INSERT INTO revocations (id, kind, trigger, session_id, revoked_at, expires_at, published_at,
                                stream_sequence, signed_by, serial)
       SELECT gen_random_uuid(), 'session', 'logout', $1::text, $2::bigint, $2::bigint + 300, clock_timestamp(),
              (SELECT min(stream_sequence) FROM revocations), 'k', serial
       FROM number`,
      [sessionId, Math.floor(Date.now() / 1000)],
    );
  }

  /** Starts a verifier that downloads a snapshot if the stream is incomplete. */
  async verifier(whenStale: WhenStale = 'refuse') {
    const denyList = new DenyList();
    const verifier = createVerifier({
      issuer: ISSUER,
      audience: 'orders',
      jwksUri: `${this.auth.url}/.well-known/jwks.json`,
      revocations: denyList,
      whenStale,
    });
    const { servers, user, pass: password } = this.nats.credentials('orders');
    const events: FeedEvent['type'][] = [];
    const feed = createRevocationFeed({
      ...{ servers, user, password, denyList },
      verifyEvent: eventVerifier(verifier),
      snapshot: {
        url: this.auth.url + SNAPSHOT_PATH,
        clientId: CLIENT.id,
        authentication: { clientSecret: CLIENT.secret },
      },
      verifySnapshot: snapshotVerifier(verifier),
      onEvent: ({ type }) => events.push(type),
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
    /** Waits until the deny-list has applied another watermark and is fresh. */
    const nextWatermark = async () => {
      const { sequence } = feed.state;
      await waitFor(() => feed.state.sequence > sequence && denyList.stalenessSeconds(ISSUER) < 2);
    };
    return { judge, nextWatermark, denyList, events };
  }
}
