import { waitFor } from '@latchkey/local-stack';
import { randomUUID } from 'node:crypto';
import pg from 'pg';

/** What a slow, busy machine still publishes. */
const PUBLISHED_PER_SECOND = 250;
const SHORTEST_LIFETIME_SECONDS = 5;

/** A burst of log-outs of invented sessions, larger than the number that can be published at the same time. */
export class LogOutStorm {
  /** The subject of all sessions. */
  readonly #subject = randomUUID();

  /** @param databaseUrl of auth's database, with write access */
  constructor(private readonly databaseUrl: string) {}

  /** Writes the log-outs into the record in one transaction. */
  async start(logOuts: number): Promise<void> {
    const now = Math.floor(Date.now() / 1000);
    // As short as possible, because a lost stream causes all live revocations to be published again.
    const lifetime = SHORTEST_LIFETIME_SECONDS + Math.ceil(logOuts / PUBLISHED_PER_SECOND);
    await this.#ask(
      `INSERT INTO revocations (id, kind, trigger, session_id, subject, revoked_at, expires_at, created_at)
       SELECT gen_random_uuid(), 'session', 'logout', gen_random_uuid(), $1, $2::bigint, $3::bigint,
              to_timestamp($2::bigint)
       FROM generate_series(1, $4::int)`,
      [this.#subject, now, now + lifetime, logOuts],
    );
  }

  /**
   * Resolves once all of them are published, or have expired: an expired log-out is not published.
   *
   * @throws Error if that takes too long
   */
  async untilPublished(timeoutMs: number): Promise<void> {
    const due = `SELECT FROM revocations
      WHERE subject = $1 AND published_at IS NULL AND expires_at > $2::bigint`;
    const isOver = async () =>
      (await this.#ask(due, [this.#subject, Math.floor(Date.now() / 1000)])) === 0;
    await waitFor(isOver, {
      what: 'the storm to be published',
      timeoutMs,
      intervalMs: 100,
    });
  }

  /** @returns the number of rows */
  async #ask(statement: string, values: readonly unknown[]): Promise<number> {
    const client = new pg.Client({ connectionString: this.databaseUrl });
    await client.connect();
    try {
      return (await client.query(statement, [...values])).rowCount ?? 0;
    } finally {
      await client.end();
    }
  }
}
