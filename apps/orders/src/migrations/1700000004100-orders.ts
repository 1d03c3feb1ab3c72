import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Orders1700000004100 implements MigrationInterface {
  readonly name = 'Orders1700000004100';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE orders (
        id uuid PRIMARY KEY DEFAULT uuidv7(),
        user_id text NOT NULL,
        idempotency_key text NOT NULL,
        request_hash text NOT NULL,
        payment_method text NOT NULL,
        state text NOT NULL CHECK
          (state IN ('pending', 'paid', 'payment_declined', 'out_of_stock', 'failed')),
        lines jsonb NOT NULL,
        total_minor_units bigint CHECK (total_minor_units BETWEEN 0 AND 9007199254740991),
        currency char(3),
        payment_attempted boolean NOT NULL DEFAULT false,
        refusal jsonb,
        attempt integer NOT NULL DEFAULT 1,
        leased_until timestamptz NOT NULL,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        UNIQUE (user_id, idempotency_key),
        CHECK ((total_minor_units IS NULL) = (currency IS NULL)),
        CHECK (total_minor_units IS NOT NULL OR NOT payment_attempted)
      )`);
    await runner.query('CREATE INDEX orders_of_user ON orders (user_id, id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE orders');
  }
}
