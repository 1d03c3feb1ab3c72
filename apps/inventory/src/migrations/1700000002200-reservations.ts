import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Reservations1700000002200 implements MigrationInterface {
  readonly name = 'Reservations1700000002200';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE reservations (
        id uuid PRIMARY KEY DEFAULT uuidv7(),
        user_id text NOT NULL,
        order_id uuid NOT NULL,
        state text NOT NULL CHECK (state IN ('held', 'sold', 'released', 'expired')),
        total_minor_units bigint NOT NULL CHECK (total_minor_units BETWEEN 0 AND 9007199254740991),
        currency char(3) NOT NULL,
        expires_at timestamptz NOT NULL,
        UNIQUE (user_id, order_id)
      )`);
    await runner.query('CREATE INDEX reservations_of_user ON reservations (user_id, id)');
    await runner.query(
      `CREATE INDEX reservations_to_expire ON reservations (expires_at) WHERE state = 'held'`,
    );
    await runner.query(`
      CREATE TABLE reservation_lines (
        reservation_id uuid NOT NULL REFERENCES reservations (id),
        position smallint NOT NULL,
        product_id uuid NOT NULL REFERENCES products (id),
        quantity integer NOT NULL CHECK (quantity > 0),
        unit_price_minor_units bigint NOT NULL,
        PRIMARY KEY (reservation_id, product_id)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE reservation_lines');
    await runner.query('DROP TABLE reservations');
  }
}
