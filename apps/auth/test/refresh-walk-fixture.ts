import {
  hashRefreshToken,
  newRefreshToken,
  sealSuccessor,
} from '../src/sessions/refresh/refresh-token.js';
import { claimsOf, refreshCookieOf, type Answer } from './auth-fixture.js';
import type { AuthTestbed } from './auth-testbed.js';

const ORIGIN = { origin: 'http://auth.test:4000' };

/** Random choices that a seed repeats (a linear congruential generator). */
export class Choices {
  #state: number;

  constructor(seed: number) {
    this.#state = seed * 7_919;
  }

  /** At least 0 and below `limit`. */
  below(limit: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return (this.#state / 2 ** 32) * limit;
  }

  happens(probability: number): boolean {
    return this.below(1) < probability;
  }

  of<T>(list: readonly T[]): T {
    return list[Math.floor(this.below(list.length))]!;
  }
}

/** A session whose refresh token is in a cookie, with a clock of its own. */
export class RefreshWalk {
  readonly #began = performance.now();
  #shifted = 0;

  private constructor(
    private readonly testbed: AuthTestbed,
    readonly sid: string,
    /** The cookie of the log-in. */
    readonly first: string,
  ) {}

  static async start(testbed: AuthTestbed, user: string): Promise<RefreshWalk> {
    const { headers, body } = await testbed.auth.login(user, { refreshTokenDelivery: 'cookie' });
    return new RefreshWalk(testbed, claimsOf(body.access_token).sid, refreshCookieOf({ headers })!);
  }

  /** Seconds since the log-in, by the clock of this session. */
  get now(): number {
    return (performance.now() - this.#began) / 1000 + this.#shifted;
  }

  /** Lets time pass for the refresh tokens of this session. */
  pass(seconds: number): Promise<void> {
    return this.goTo(this.now + seconds);
  }

  /**
   * Sets the clock of this session. On a slow machine, it may have gone too far: then tokens that were issued after
   * this time were issued now.
   */
  async goTo(time: number): Promise<void> {
    const seconds = time - this.now;
    this.#shifted += seconds;
    await this.testbed.sql(
      `UPDATE refresh_tokens
       SET created_at = least(created_at - make_interval(secs => $2), clock_timestamp()),
           used_at = CASE WHEN used_at IS NOT NULL
                     THEN least(used_at - make_interval(secs => $2), clock_timestamp()) END
       WHERE session_id = $1`,
      [this.sid, seconds],
    );
  }

  refresh(cookie: string, replica: number): Promise<Answer> {
    return this.testbed.replicas[replica]!.post('/oauth/token', {
      form: { grant_type: 'refresh_token' },
      headers: { cookie: `__Host-latchkey-refresh=${cookie}`, ...ORIGIN },
    });
  }

  /**
   * Does what a replica of the release before families does: it exchanges only unused tokens, gives the successor no
   * family, and deletes nothing.
   *
   * @returns the successor; undefined if the token was used
   */
  async refreshAtOlderRelease(cookie: string): Promise<string | undefined> {
    const successor = newRefreshToken().slice(24);
    const [used, next] = [cookie, successor].map(hashRefreshToken);
    const sealed = sealSuccessor(cookie, successor);
    const [, changed] = (await this.testbed.sql<never>(
      `UPDATE refresh_tokens SET used_at = clock_timestamp(), successor_hash = $2, sealed_successor = $3
       WHERE hash = $1 AND used_at IS NULL`,
      [used, next, sealed],
    )) as unknown as [unknown, number];
    if (changed !== 1) return undefined;
    await this.testbed.sql('INSERT INTO refresh_tokens (hash, session_id) VALUES ($1, $2)', [
      next,
      this.sid,
    ]);
    return successor;
  }

  /** Why the session has ended; undefined while it lives. */
  async ended(): Promise<string | undefined> {
    const [row] = await this.testbed.sql<{ trigger: string }>(
      'SELECT trigger FROM revocations WHERE session_id = $1',
      [this.sid],
    );
    return row?.trigger;
  }
}
