import { getDataSourceToken } from '@nestjs/typeorm';

/** The data source's name, for `TypeOrmModule.forFeature(…, RELAY)` and `@InjectRepository(…, RELAY)`. */
export const RELAY = 'relay';

/**
 * Injection token for the data source of the relay, the signing keys and snapshots. Its connections are
 * separate, so that requests cannot starve them (ADR 0030).
 */
export const RELAY_DATABASE = getDataSourceToken(RELAY);
