import { DatabaseConnector, Housekeeper, LOGGER, type ExpiringRows } from '@latchkey/service-kit';
import type { FactoryProvider } from '@nestjs/common';
import type { Logger } from 'pino';
import { DataSource } from 'typeorm';
import { ServiceClock } from './platform/clock/service-clock.js';
import { TokenLifetimes } from './keys/token-lifetimes.js';
import { EXPIRING_ASSERTIONS } from './clients/client-assertions.js';
import { SETTINGS, type Settings } from './platform/settings.js';
import { keptSeconds } from './platform/revocation-lifetime.js';
import { EXPIRING_SESSIONS } from './sessions/session-record.js';
import { EXPIRING_COUNTERS } from './accounts/throttling/counter-store.js';
import { EXPIRING_EXCHANGED_TOKENS } from './oauth/token-exchange/exchanged-token-store.js';

const DAY_SECONDS = 86_400;

/** The expired rows that the auth service deletes. The relay deletes revocations. */
export const expiringRows = ({
  auditRetentionDays,
}: Pick<Settings, 'auditRetentionDays'>): readonly ExpiringRows[] => [
  {
    table: 'audit_events',
    expiredAt: 'at',
    type: 'timestamptz',
    keepSeconds: auditRetentionDays * DAY_SECONDS,
  },
  EXPIRING_COUNTERS,
  ...EXPIRING_SESSIONS,
  EXPIRING_EXCHANGED_TOKENS,
  EXPIRING_ASSERTIONS,
];

/** While the clock may have leapt ahead, rows that look expired could still be needed. */
const isTimeCertain = (
  { agrees, steadySeconds }: ServiceClock,
  { longestSeconds }: TokenLifetimes,
): boolean => agrees && steadySeconds > keptSeconds('token', longestSeconds);

export const housekeeping: FactoryProvider<Housekeeper> = {
  provide: Housekeeper,
  inject: [DataSource, DatabaseConnector, LOGGER, ServiceClock, TokenLifetimes, SETTINGS],
  useFactory: (
    source: DataSource,
    database: DatabaseConnector,
    logger: Logger,
    clock: ServiceClock,
    lifetimes: TokenLifetimes,
    settings: Settings,
  ) =>
    new Housekeeper(source, database, expiringRows(settings), logger, () =>
      isTimeCertain(clock, lifetimes),
    ),
};
