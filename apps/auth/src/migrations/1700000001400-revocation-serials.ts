import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Adds serials. The next two migrations add their indexes and republish revocations that have none. */
export class RevocationSerials1700000001400 implements MigrationInterface {
  readonly name = 'RevocationSerials1700000001400';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE revocations ADD COLUMN serial bigint');
    // Starts from the clock, so that a record that was lost and recreated does not reuse serials.
    await runner.query(
      `ALTER TABLE revocation_stream ADD COLUMN next_serial bigint NOT NULL
       DEFAULT floor(extract(epoch FROM clock_timestamp()) * 1000)`,
    );
    // A Postgres sequence would leave gaps when transactions roll back.
    await runner.query(`
      CREATE FUNCTION number_revocations(wanted uuid[]) RETURNS SETOF revocations
      LANGUAGE plpgsql AS $$
      DECLARE
        first_serial bigint;
        given bigint;
      BEGIN
        PERFORM FROM revocations WHERE id = ANY (wanted) AND serial IS NULL;
        IF FOUND THEN
          SELECT next_serial INTO first_serial FROM revocation_stream FOR NO KEY UPDATE;
          WITH due AS MATERIALIZED (
            SELECT id FROM revocations WHERE id = ANY (wanted) AND serial IS NULL
            ORDER BY id FOR NO KEY UPDATE
          ), ranked AS (
            SELECT id, row_number() OVER (ORDER BY id) - 1 AS rank FROM due
          )
          UPDATE revocations r SET serial = first_serial + ranked.rank
          FROM ranked WHERE r.id = ranked.id;
          GET DIAGNOSTICS given = ROW_COUNT;
          UPDATE revocation_stream SET next_serial = first_serial + given;
        END IF;
        RETURN QUERY SELECT * FROM revocations WHERE id = ANY (wanted);
      END $$`);
    await runner.query(
      `UPDATE revocation_stream SET epoch = gen_random_uuid(), stream_created = NULL, last_sequence = 0`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION number_revocations(uuid[])');
    await runner.query('ALTER TABLE revocation_stream DROP COLUMN next_serial');
    await runner.query('ALTER TABLE revocations DROP COLUMN serial');
  }
}
