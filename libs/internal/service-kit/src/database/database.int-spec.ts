import { startTestPostgres, waitFor, type TestPostgres } from '@latchkey/testing';
import { Controller, Get, Module, type DynamicModule } from '@nestjs/common';
import { DataSource, type MigrationInterface, type QueryRunner } from 'typeorm';
import { DatabaseModule, startService, type RunningService } from '../index.js';

class Things1700000000001 implements MigrationInterface {
  readonly name = 'Things1700000000001';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE things (id int)');
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE things');
  }
}

@Controller('things')
class ThingsController {
  constructor(private readonly dataSource: DataSource) {}
  @Get()
  async count() {
    const [row] = await this.dataSource.query<[{ count: string }]>('SELECT count(*) FROM things');
    return { count: Number(row.count) };
  }
}

@Module({})
class ThingsModule {
  static forRoot(url: string): DynamicModule {
    return {
      module: ThingsModule,
      imports: [DatabaseModule.forRoot({ url, migrations: [Things1700000000001] })],
      controllers: [ThingsController],
    };
  }
}

const start = (url: string) =>
  startService({
    name: 'things',
    module: ThingsModule.forRoot(url),
    host: '127.0.0.1',
    port: 0,
    logLevel: 'silent',
    openApi: { title: 'Things', description: 'For tests' },
    handleSignals: false,
  });
const statusOf = async (service: RunningService, path: string) =>
  (await fetch(service.url + path)).status;

describe('a service and its database', () => {
  let postgres: TestPostgres;
  let services: RunningService[];

  beforeEach(async () => {
    postgres = await startTestPostgres();
    services = [];
  });
  afterEach(async () => {
    await Promise.all(services.map((service) => service.close()));
    await postgres.close();
  });

  it('listens and reports 503 while the database is down, and becomes ready when it is up', async () => {
    const url = await postgres.createDatabase('things');
    await postgres.stop();
    const service = await start(url);
    services.push(service);
    expect(await statusOf(service, '/health/live')).toBe(200);
    expect(await statusOf(service, '/health/ready')).toBe(503);
    expect(await statusOf(service, '/things')).toBe(503);
    await postgres.restart();
    await waitFor(async () => (await statusOf(service, '/health/ready')) === 200);
    expect(await statusOf(service, '/things')).toBe(200);
  });

  it('answers 503 when the database dies, and recovers on its own', async () => {
    const service = await start(await postgres.createDatabase('things'));
    services.push(service);
    await waitFor(async () => (await statusOf(service, '/things')) === 200);
    await postgres.kill();
    const response = await fetch(`${service.url}/things`);
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('1');
    expect(await response.json()).toMatchObject({ code: 'database_unavailable' });
    expect(await statusOf(service, '/health/ready')).toBe(503);
    await postgres.restart();
    await waitFor(async () => (await statusOf(service, '/things')) === 200);
  });

  it('is migrated once by replicas that start together', async () => {
    const url = await postgres.createDatabase('things');
    services = await Promise.all([start(url), start(url), start(url)]);
    for (const service of services) {
      await waitFor(async () => (await statusOf(service, '/health/ready')) === 200);
      expect(await statusOf(service, '/things')).toBe(200);
    }
  });
});
