import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The audit trail, which administrators read. The previous release only logs its events. */
export class AuditEvents1700000004200 implements MigrationInterface {
  readonly name = 'AuditEvents1700000004200';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE audit_events (
        id uuid PRIMARY KEY,
        at timestamptz NOT NULL,
        event text NOT NULL,
        subject text,
        client text,
        by text,
        address text,
        request_id text,
        details jsonb NOT NULL
      )`);
    await runner.query('CREATE INDEX audit_events_expiry ON audit_events (at)');
    await runner.query('CREATE INDEX audit_events_of_event ON audit_events (event, id)');
    for (const [name, column] of Object.entries({
      audit_events_of_subject: 'subject',
      audit_events_of_client: 'client',
      audit_events_by: 'by',
    }))
      await runner.query(
        `CREATE INDEX ${name} ON audit_events (${column}, id) WHERE ${column} IS NOT NULL`,
      );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE audit_events');
  }
}
