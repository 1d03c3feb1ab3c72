import type { FindOperator, ObjectLiteral, Repository, ValueTransformer } from 'typeorm';

type Row = Readonly<Record<string, unknown>>;

/** Reads a `bigint` column, which the driver returns as text. A number must hold its values exactly. */
export const bigintAsNumber: ValueTransformer = {
  to: (value: number | FindOperator<unknown> | null | undefined) => value,
  from: (value: string | null | undefined) => (typeof value === 'string' ? Number(value) : value),
};

/**
 * The entities in the rows of raw SQL, or of an insert or update with `returning('*')`. TypeORM passes these rows on as
 * they come from the driver.
 */
export function returnedEntities<Entity extends ObjectLiteral>(
  repository: Repository<Entity>,
  result: { readonly raw: unknown },
): Entity[] {
  return (result.raw as Row[]).map((row) => entityOf(repository, row));
}

function entityOf<Entity extends ObjectLiteral>(repository: Repository<Entity>, row: Row): Entity {
  const { driver } = repository.manager.dataSource;
  const entity = repository.create();
  for (const column of repository.metadata.columns)
    if (column.databaseName in row)
      column.setEntityValue(entity, driver.prepareHydratedValue(row[column.databaseName], column));
  return entity;
}
