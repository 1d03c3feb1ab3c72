import type { QueryRunner } from 'typeorm';

/**
 * Creates an index without blocking reads and writes. Use it in a migration with `transaction = false`. Such a
 * migration can stop halfway, so an invalid index left behind by an earlier attempt is replaced.
 *
 * @param name the index's name in the first schema of the search path
 * @param definition the SQL after `ON`
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
 * Changes an index's definition without blocking reads and writes; the old or the new index serves queries at
 * every moment. Use it in a migration with `transaction = false`, which can run again if it stopped halfway.
 *
 * @param name the index's name; it need not exist yet
 * @param definition the SQL after `ON`
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
