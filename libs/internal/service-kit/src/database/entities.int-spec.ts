import {
  Check,
  Column,
  Entity,
  ForeignKey,
  Index,
  PrimaryColumn,
  PrimaryGeneratedColumn,
  Unique,
  type DataSource,
} from 'typeorm';
import { bigintAsNumber, returnedEntities } from './column-values.js';
import { missingMigrations, tablesWithoutEntity } from '../../test/database/entities.suite.js';
import {
  startTestDataSource,
  type TestDataSource,
} from '../../test/database/test-data-source.suite.js';

@Entity('owners')
class OwnerEntity {
  @PrimaryGeneratedColumn('uuid')
  id!: string;
}

@Entity('things')
@Unique(['ownerId', 'name'])
@Index('things_of_owner', ['ownerId', 'createdAt'])
@Index('things_wanted', ['seenAt'], { where: `state = 'wanted'` })
// TypeORM cannot declare an index on an expression; only the migration defines it.
@Index('things_by_length', { synchronize: false })
@Check('things_state_check', `state IN ('wanted', 'had')`)
class ThingEntity {
  @PrimaryColumn({ type: 'uuid' })
  @ForeignKey(() => OwnerEntity, { onDelete: 'CASCADE' })
  ownerId!: string;

  @PrimaryColumn({ type: 'smallint' })
  position!: number;

  @Column({ type: 'text' })
  name!: string;

  @Column({ type: 'text', default: 'wanted' })
  state!: 'wanted' | 'had';

  @Column({ type: 'text', array: true, default: () => "'{}'" })
  scopes!: string[];

  @Column({ type: 'bytea' })
  hash!: Buffer;

  @Column({ type: 'bigint', nullable: true, transformer: bigintAsNumber })
  serial!: number | null;

  @Column({ type: 'integer', default: 0 })
  attempts!: number;

  @Column({ type: 'boolean', default: false })
  locked!: boolean;

  @Column({ type: 'jsonb', nullable: true })
  document!: Record<string, unknown> | null;

  @Column({ type: 'char', length: 3 })
  currency!: string;

  @Column({ type: 'timestamptz', default: () => 'clock_timestamp()' })
  createdAt!: Date;

  @Column({ type: 'timestamptz', nullable: true })
  seenAt!: Date | null;
}

const TABLES = `
  CREATE TABLE owners (id uuid PRIMARY KEY DEFAULT gen_random_uuid());
  CREATE TABLE things (
    owner_id uuid NOT NULL REFERENCES owners (id) ON DELETE CASCADE,
    position smallint NOT NULL,
    name text NOT NULL,
    state text NOT NULL DEFAULT 'wanted' CHECK (state IN ('wanted', 'had')),
    scopes text[] NOT NULL DEFAULT '{}',
    hash bytea NOT NULL,
    serial bigint,
    attempts integer NOT NULL DEFAULT 0,
    locked boolean NOT NULL DEFAULT false,
    document jsonb,
    currency char(3) NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    seen_at timestamptz,
    PRIMARY KEY (owner_id, position),
    UNIQUE (owner_id, name)
  );
  CREATE INDEX things_of_owner ON things (owner_id, created_at);
  CREATE INDEX things_wanted ON things (seen_at) WHERE state = 'wanted';
  CREATE INDEX things_by_length ON things (length(name))`;

describe('entities', () => {
  let database: TestDataSource;
  let source: DataSource;
  beforeEach(async () => {
    database = await startTestDataSource({ entities: [OwnerEntity, ThingEntity], migrations: [] });
    ({ source } = database);
    await source.query(TABLES);
  });
  afterEach(() => database.close());

  it('agree with a table of every type of column and constraint', async () => {
    expect(await missingMigrations(source)).toEqual([]);
    expect(await tablesWithoutEntity(source)).toEqual([]);
  });

  it.each([
    ['a column that is missing', 'ALTER TABLE things DROP COLUMN locked'],
    ['a column without a property', 'ALTER TABLE things ADD COLUMN surplus text'],
    ['a column of another type', 'ALTER TABLE things ALTER COLUMN attempts TYPE bigint'],
    ['a column of another length', 'ALTER TABLE things ALTER COLUMN currency TYPE char(4)'],
    ['a column that may be null', 'ALTER TABLE things ALTER COLUMN hash DROP NOT NULL'],
    ['a column that may not be null', 'ALTER TABLE things ALTER COLUMN serial SET NOT NULL'],
    ['another default', 'ALTER TABLE things ALTER COLUMN attempts SET DEFAULT 1'],
    ['an index that is missing', 'DROP INDEX things_of_owner'],
    ['an index without a decorator', 'CREATE INDEX surplus ON things (state)'],
    ['a unique key that is missing', 'ALTER TABLE things DROP CONSTRAINT things_owner_id_name_key'],
    ['a check that is missing', 'ALTER TABLE things DROP CONSTRAINT things_state_check'],
    ['a check without a decorator', 'ALTER TABLE things ADD CHECK (position > 0)'],
    ['a foreign key that is missing', 'ALTER TABLE things DROP CONSTRAINT things_owner_id_fkey'],
    ['a table that is missing', 'DROP TABLE things'],
  ])('do not agree with %s', async (_, change) => {
    expect(await missingMigrations(source)).toEqual([]);
    await source.query(change);
    expect(await missingMigrations(source)).not.toEqual([]);
  });

  it('do not map a table without an entity', async () => {
    await source.query('CREATE TABLE surplus (id integer)');
    expect(await tablesWithoutEntity(source)).toEqual(['surplus']);
  });

  it('are made of the rows that a statement returns', async () => {
    const owner = await source.getRepository(OwnerEntity).save({});
    const things = source.getRepository(ThingEntity);
    const result = await things
      .createQueryBuilder()
      .insert()
      .values({
        ...{ ownerId: owner.id, position: 1, name: 'key', currency: 'EUR' },
        ...{ hash: Buffer.from('abc'), serial: Number.MAX_SAFE_INTEGER, document: { a: [1] } },
      })
      .returning('*')
      .updateEntity(false)
      .execute();
    const [returned] = returnedEntities(things, result);
    expect(returned).toBeInstanceOf(ThingEntity);
    expect(returned).toMatchObject({
      ...{ serial: Number.MAX_SAFE_INTEGER, state: 'wanted', scopes: [], seenAt: null },
      createdAt: expect.any(Date),
    });
    expect(await things.findOneByOrFail({ name: 'key' })).toEqual(returned);
  });
});
