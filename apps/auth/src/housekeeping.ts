import { DatabaseConnector, Housekeeper, LOGGER, type ExpiringRows } from '@latchkey/service-kit';
import type { FactoryProvider } from '@nestjs/common';
import type { Logger } from 'pino';
import { DataSource } from 'typeorm';
import { EXPIRING_SESSIONS } from './sessions/session-store.js';
import { EXPIRING_COUNTERS } from './throttling/counter-store.js';
import { EXPIRING_EXCHANGED_TOKENS } from './token-exchange/exchanged-token-store.js';

/** What the auth service deletes in time, beside revocations, which the relay deletes. */
export const EXPIRING_ROWS: readonly ExpiringRows[] = [
  EXPIRING_COUNTERS,
  ...EXPIRING_SESSIONS,
  EXPIRING_EXCHANGED_TOKENS,
];

export const housekeeping: FactoryProvider<Housekeeper> = {
  provide: Housekeeper,
  inject: [DataSource, DatabaseConnector, LOGGER],
  useFactory: (source: DataSource, database: DatabaseConnector, logger: Logger) =>
    new Housekeeper(source, database, EXPIRING_ROWS, logger),
};
