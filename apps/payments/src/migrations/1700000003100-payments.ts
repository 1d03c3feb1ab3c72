import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Payments1700000003100 implements MigrationInterface {
  readonly name = 'Payments1700000003100';

  async up(runner: QueryRunner): Promise<void> {
    // The unique key guarantees that an order is charged once, however often and concurrently.
    await runner.query(`
      CREATE TABLE payments (
        id uuid PRIMARY KEY DEFAULT uuidv7(),
        user_id text NOT NULL,
        order_id uuid NOT NULL,
        state text NOT NULL CHECK (state IN ('captured', 'declined', 'refunded', 'cancelled')),
        amount_minor_units bigint NOT NULL
          CHECK (amount_minor_units BETWEEN 0 AND 9007199254740991),
        currency char(3) NOT NULL,
        method text CHECK (method IS NOT NULL OR state = 'cancelled'),
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        UNIQUE (user_id, order_id)
      )`);
    await runner.query('CREATE INDEX payments_of_user ON payments (user_id, id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE payments');
  }
}
