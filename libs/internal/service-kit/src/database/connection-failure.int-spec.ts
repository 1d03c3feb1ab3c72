import { startTestDatabase, waitFor, type TestDatabase } from '@latchkey/testing';
import { Module } from '@nestjs/common';
import { DatabaseModule, startService } from '../index.js';

describe('a database that was created with another password', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await startTestDatabase();
  });
  afterAll(() => database.drop());

  it.each([
    ['a wrong password', (url: URL) => (url.password = 'of-another-env')],
    ['a user that does not exist', (url: URL) => (url.username = 'nobody')],
  ])('is reported differently from a database that is down: %s', async (_, spoil) => {
    const url = new URL(database.url);
    spoil(url);
    let log = '';
    @Module({ imports: [DatabaseModule.forRoot({ url: url.href, migrations: [] })] })
    class EmptyModule {}
    const service = await startService({
      name: 'things',
      module: EmptyModule,
      host: '127.0.0.1',
      port: 0,
      logLevel: 'warn',
      openApi: { title: 'Things', description: 'For tests' },
      handleSignals: false,
      logDestination: { write: (line) => void (log += line) },
    });
    try {
      await waitFor(() => Promise.resolve(log.includes('Postgres refuses the user or password')));
      expect(log).toContain('restore the old one');
      expect(log).not.toContain(url.password);
    } finally {
      await service.close();
    }
  });
});
