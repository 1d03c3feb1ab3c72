import { createIndexConcurrently } from '@latchkey/service-kit';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const BATCH = 1_000;
const LOWEST_ID = '00000000-0000-0000-0000-000000000000';

export class RevocationSerialIndexes1700000001410 implements MigrationInterface {
  readonly name = 'RevocationSerialIndexes1700000001410';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await createIndexConcurrently(runner, 'revocations_serial_key', 'revocations (serial)', {
      unique: true,
    });
    await createIndexConcurrently(
      runner,
      'revocations_key',
      "revocations (expires_at) WHERE kind = 'key'",
    );
    await publishAgain(runner);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX revocations_key');
    await runner.query('DROP INDEX IF EXISTS revocations_serial_key');
  }
}

/**
 * Publishes again the rows that were published without a serial. Reads the table once in the order of its
 * ids, because a relay of the previous release may publish a row again at any time.
 */
async function publishAgain(runner: QueryRunner): Promise<void> {
  let last: string | undefined = LOWEST_ID;
  while (last !== undefined) {
    const rows: { last: string }[] = (await runner.query(
      `WITH due AS MATERIALIZED (
         SELECT id FROM revocations WHERE id > $1 AND published_at IS NOT NULL AND serial IS NULL
         ORDER BY id LIMIT ${BATCH} FOR NO KEY UPDATE
       ), again AS (
         UPDATE revocations SET published_at = NULL, stream_sequence = NULL, signed_by = NULL
         WHERE id IN (SELECT id FROM due)
       )
       SELECT id AS last FROM due ORDER BY id DESC LIMIT 1`,
      [last],
    )) as { last: string }[];
    last = rows[0]?.last;
  }
}
