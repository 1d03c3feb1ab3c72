import type { FindOperator, ObjectLiteral, Repository, ValueTransformer } from 'typeorm';

/**
 * For a `bigint` column whose check keeps it within the integers that a number holds exactly; the driver
 * returns `bigint` as text.
 */
export const bigintAsNumber: ValueTransformer = {
  to: (value: number | FindOperator<unknown> | null | undefined) => value,
  from: (value: string | null | undefined) => (typeof value === 'string' ? Number(value) : value),
};

/**
 * Makes an entity of a row that a statement returned. TypeORM maps the rows of a select, but passes those of
 * `RETURNING` on as they come from the driver.
 */
export function entityOf<Entity extends ObjectLiteral>(
  repository: Repository<Entity>,
  row: Readonly<Record<string, unknown>>,
): Entity {
  const { driver } = repository.manager.dataSource;
  const entity = repository.create();
  for (const column of repository.metadata.columns)
    if (column.databaseName in row)
      column.setEntityValue(entity, driver.prepareHydratedValue(row[column.databaseName], column));
  return entity;
}
