import type { QueryRunner } from 'typeorm';

/**
 * Makes an index while others read and write its table. For a migration with `transaction = false`, which
 * can stop in the middle: an index that an earlier try left behind invalid is made anew.
 *
 * @param name of the index, in the schema that is searched first
 * @param definition what follows `ON`
 */
export async function createIndexConcurrently(
  runner: QueryRunner,
  name: string,
  definition: string,
  { unique = false }: { readonly unique?: boolean } = {},
): Promise<void> {
  const invalid = (await runner.query(
    'SELECT FROM pg_index WHERE indexrelid = to_regclass($1) AND NOT indisvalid',
    [name],
  )) as unknown[];
  if (invalid.length > 0) await runner.query(`DROP INDEX CONCURRENTLY IF EXISTS ${name}`);
  const kind = unique ? 'UNIQUE INDEX' : 'INDEX';
  await runner.query(`CREATE ${kind} CONCURRENTLY IF NOT EXISTS ${name} ON ${definition}`);
}

/**
 * Gives an index another definition while others read and write its table, of which one of both always
 * serves. For a migration with `transaction = false`; one that stopped in the middle can run again.
 *
 * @param name of the index; need not exist
 * @param definition what follows `ON`
 */
export async function replaceIndexConcurrently(
  runner: QueryRunner,
  name: string,
  definition: string,
): Promise<void> {
  await createIndexConcurrently(runner, `${name}_new`, definition);
  await runner.query(`DROP INDEX CONCURRENTLY IF EXISTS ${name}`);
  await runner.query(`ALTER INDEX ${name}_new RENAME TO ${name}`);
}
