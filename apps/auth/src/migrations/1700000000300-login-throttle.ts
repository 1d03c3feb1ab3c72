import type { MigrationInterface, QueryRunner } from 'typeorm';

export class LoginThrottle1700000000300 implements MigrationInterface {
  readonly name = 'LoginThrottle1700000000300';

  async up(runner: QueryRunner): Promise<void> {
    // Keys are hashes, because people type passwords into name fields.
    await runner.query(`
      CREATE TABLE login_throttle (
        key bytea PRIMARY KEY,
        failures integer NOT NULL DEFAULT 0,
        blocked_until timestamptz NOT NULL DEFAULT '-infinity',
        has_turn boolean NOT NULL DEFAULT false,
        familiar_until timestamptz NOT NULL DEFAULT '-infinity',
        touched_at timestamptz NOT NULL DEFAULT clock_timestamp()
      )`);
    await runner.query('CREATE INDEX login_throttle_age ON login_throttle (touched_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE login_throttle');
  }
}
