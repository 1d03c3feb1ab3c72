import { waitFor } from '@latchkey/local-stack';
import { randomUUID } from 'node:crypto';
import pg from 'pg';

/** A slow machine publishes so many, beside all else that it has to do. */
const PUBLISHED_PER_SECOND = 250;
const SHORTEST_LIFETIME_SECONDS = 5;

/** Log-outs of sessions that nobody has, more at once than can be published at once. */
export class Storm {
  /** Whose sessions they are. */
  readonly #subject = randomUUID();

  /** @param databaseUrl of auth's database, for somebody who may write to it */
  constructor(private readonly databaseUrl: string) {}

  /** Writes them into the record in one transaction. */
  async breakOut(logOuts: number): Promise<void> {
    const now = Math.floor(Date.now() / 1000);
    // No longer than needed: were the stream lost later, all that live would have to be published again.
    const lifetime = SHORTEST_LIFETIME_SECONDS + Math.ceil(logOuts / PUBLISHED_PER_SECOND);
    await this.#ask(
      `INSERT INTO revocations (id, kind, trigger, session_id, subject, revoked_at, expires_at, created_at)
       SELECT gen_random_uuid(), 'session', 'logout', gen_random_uuid(), $1, $2::bigint, $3::bigint,
              to_timestamp($2::bigint)
       FROM generate_series(1, $4::int)`,
      [this.#subject, now, now + lifetime, logOuts],
    );
  }

  /** Resolves when all of it is on the stream. @throws when it is not in time */
  async isOver(timeoutMs: number): Promise<void> {
    const unpublished = 'SELECT FROM revocations WHERE published_at IS NULL AND subject = $1';
    await waitFor(async () => (await this.#ask(unpublished, [this.#subject])) === 0, {
      what: 'the storm to be published',
      timeoutMs,
      intervalMs: 100,
    });
  }

  /** @returns how many rows */
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
