import { createIndexConcurrently } from '@latchkey/service-kit';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const INDEXES = {
  revocations_of_session: `revocations (session_id) WHERE kind = 'session'`,
  revocations_of_subject: `revocations (subject) WHERE kind = 'subject'`,
  revocations_of_client: `revocations (client_id) WHERE kind = 'client'`,
};

/** Find the revocations of a token by the ids in it. Those of a token or a key have an index already. */
export class RevokedIdIndexes1700000004010 implements MigrationInterface {
  readonly name = 'RevokedIdIndexes1700000004010';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    for (const [name, on] of Object.entries(INDEXES))
      await createIndexConcurrently(runner, name, on);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const name of Object.keys(INDEXES)) await runner.query(`DROP INDEX IF EXISTS ${name}`);
  }
}
