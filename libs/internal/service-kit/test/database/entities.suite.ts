import type {
  DataSource,
  EntityMetadata,
  EntityTarget,
  MigrationInterface,
  ObjectLiteral,
} from 'typeorm';
import { startTestDataSource, type TestDataSource } from './test-data-source.suite.js';

type EntityClass = EntityTarget<ObjectLiteral> & (new () => object);
type MigrationClass = new () => MigrationInterface;

const MIGRATIONS_TABLE = 'migrations';

const isView = ({ tableType }: EntityMetadata) => tableType === 'view';

/** The statements that `migration:generate` would write to bring the tables in line with the entities. */
export async function missingMigrations(source: DataSource): Promise<string[]> {
  const { upQueries } = await source.driver.createSchemaBuilder().log();
  return upQueries.map(({ query }) => query);
}

/** Tables of the database that no entity maps. */
export async function tablesWithoutEntity(source: DataSource): Promise<string[]> {
  const rows = await source.query<{ name: string }[]>(
    `SELECT relname AS name FROM pg_class
     WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') ORDER BY relname`,
  );
  const mapped = source.entityMetadatas.map(({ tableName }) => tableName);
  return rows
    .map(({ name }) => name)
    .filter((name) => name !== MIGRATIONS_TABLE && !mapped.includes(name));
}

/** Every service promises that its entities describe the tables that its migrations make. */
export function describeEntities(
  entities: readonly EntityClass[],
  migrations: readonly MigrationClass[],
): void {
  describe('the entities', () => {
    let database: TestDataSource;
    let source: DataSource;
    beforeAll(async () => {
      database = await startTestDataSource({
        entities: [...entities],
        migrations: [...migrations],
      });
      ({ source } = database);
    });
    afterAll(() => database.close());

    it('need no migration that is not there', async () => {
      expect(await missingMigrations(source)).toEqual([]);
    });

    it('map every table', async () => {
      expect(await tablesWithoutEntity(source)).toEqual([]);
    });

    it('can read every view', async () => {
      for (const { target } of source.entityMetadatas.filter(isView))
        expect(await source.manager.find(target, { take: 1 })).toEqual([]);
    });

    it('fall out of step as soon as a table changes', async () => {
      for (const { tableName } of source.entityMetadatas.filter((each) => !isView(each))) {
        await source.query(`ALTER TABLE ${tableName} ADD COLUMN surplus integer`);
        expect(await missingMigrations(source)).toEqual([
          expect.stringMatching(new RegExp(`ALTER TABLE "${tableName}" DROP COLUMN "surplus"`)),
        ]);
        await source.query(`ALTER TABLE ${tableName} DROP COLUMN surplus`);
      }
    });
  });
}
