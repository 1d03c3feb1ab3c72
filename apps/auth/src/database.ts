import { CounterEntity } from './accounts/throttling/counter.entity.js';
import { UserEntity } from './accounts/users/user.entity.js';
import { ClientCredentialEntity } from './clients/client-credential.entity.js';
import { ClientEntity } from './clients/client.entity.js';
import { ManagedClientEntity } from './clients/managed-client.entity.js';
import { UsedAssertionEntity } from './clients/used-assertion.entity.js';
import { SigningKeyEntity } from './keys/signing-key.entity.js';
import { TokenLifetimeEntity } from './keys/token-lifetime.entity.js';
import { Accounts1700000000100 } from './migrations/1700000000100-accounts.js';
import { Sessions1700000000200 } from './migrations/1700000000200-sessions.js';
import { LoginThrottle1700000000300 } from './migrations/1700000000300-login-throttle.js';
import { SigningKeys1700000001100 } from './migrations/1700000001100-signing-keys.js';
import { Revocations1700000001200 } from './migrations/1700000001200-revocations.js';
import { RevokedTokens1700000001300 } from './migrations/1700000001300-revoked-tokens.js';
import { RevocationSerials1700000001400 } from './migrations/1700000001400-revocation-serials.js';
import { RevocationSerialIndexes1700000001410 } from './migrations/1700000001410-revocation-serial-indexes.js';
import { RevocationSerialUnique1700000001420 } from './migrations/1700000001420-revocation-serial-unique.js';
import { ExchangedTokens1700000001500 } from './migrations/1700000001500-exchanged-tokens.js';
import { CookieSessions1700000001600 } from './migrations/1700000001600-cookie-sessions.js';
import { AccessTokenDelivery1700000001700 } from './migrations/1700000001700-access-token-delivery.js';
import { AccessTokenDeliveryChecked1700000001710 } from './migrations/1700000001710-access-token-delivery-checked.js';
import { RecordIdentity1700000001800 } from './migrations/1700000001800-record-identity.js';
import { RevocationBacklogIndexes1700000001810 } from './migrations/1700000001810-revocation-backlog-indexes.js';
import { RefreshTokenFamilies1700000002000 } from './migrations/1700000002000-refresh-token-families.js';
import { RefreshTokenFamilyIndex1700000002010 } from './migrations/1700000002010-refresh-token-family-index.js';
import { ExpiredCountersIndex1700000002020 } from './migrations/1700000002020-expired-counters-index.js';
import { CanonicalUsernames1700000002100 } from './migrations/1700000002100-canonical-usernames.js';
import { CookiesOfEndedSessions1700000002150 } from './migrations/1700000002150-cookies-of-ended-sessions.js';
import { NewestToken1700000003100 } from './migrations/1700000003100-newest-token.js';
import { EndedSessionsIndex1700000003200 } from './migrations/1700000003200-ended-sessions-index.js';
import { TokenLifetimes1700000003300 } from './migrations/1700000003300-token-lifetimes.js';
import { CookiesToEnd1700000003400 } from './migrations/1700000003400-cookies-to-end.js';
import { SerialDefault1700000003500 } from './migrations/1700000003500-serial-default.js';
import { UserRoles1700000003600 } from './migrations/1700000003600-user-roles.js';
import { ManagedClients1700000003700 } from './migrations/1700000003700-managed-clients.js';
import { RevocationTraceparent1700000003900 } from './migrations/1700000003900-revocation-traceparent.js';
import { ExchangedTokenClient1700000004000 } from './migrations/1700000004000-exchanged-token-client.js';
import { RevokedIdIndexes1700000004010 } from './migrations/1700000004010-revoked-id-indexes.js';
import { SessionAddresses1700000004100 } from './migrations/1700000004100-session-addresses.js';
import { LiveSessionAddresses1700000004110 } from './migrations/1700000004110-live-session-addresses.js';
import { AuditEvents1700000004200 } from './migrations/1700000004200-audit-events.js';
import { AuditEventEntity } from './platform/audit/audit-event.entity.js';
import { SecondSuccessors1700000004300 } from './migrations/1700000004300-second-successors.js';
import { ExchangedTokenEntity } from './oauth/token-exchange/exchanged-token.entity.js';
import { RevocationStreamEntity } from './revocations/revocation-stream.entity.js';
import { RevocationEntity } from './revocations/revocation.entity.js';
import { CookiesToEndEntity } from './sessions/cookie-sessions/cookies-to-end.entity.js';
import { LiveSessionEntity } from './sessions/live-session.entity.js';
import { RefreshTokenEntity } from './sessions/refresh/refresh-token.entity.js';
import { SessionEntity } from './sessions/session.entity.js';

/** The auth service's entities, wing by wing. The module of a wing registers their repositories. */
export const ENTITIES = [
  AuditEventEntity,
  SigningKeyEntity,
  TokenLifetimeEntity,
  ClientEntity,
  ManagedClientEntity,
  ClientCredentialEntity,
  UsedAssertionEntity,
  UserEntity,
  CounterEntity,
  RevocationEntity,
  RevocationStreamEntity,
  SessionEntity,
  LiveSessionEntity,
  RefreshTokenEntity,
  CookiesToEndEntity,
  ExchangedTokenEntity,
];

/** The auth service's migrations, in order. */
export const MIGRATIONS = [
  Accounts1700000000100,
  Sessions1700000000200,
  LoginThrottle1700000000300,
  SigningKeys1700000001100,
  Revocations1700000001200,
  RevokedTokens1700000001300,
  RevocationSerials1700000001400,
  RevocationSerialIndexes1700000001410,
  RevocationSerialUnique1700000001420,
  ExchangedTokens1700000001500,
  CookieSessions1700000001600,
  AccessTokenDelivery1700000001700,
  AccessTokenDeliveryChecked1700000001710,
  RecordIdentity1700000001800,
  RevocationBacklogIndexes1700000001810,
  RefreshTokenFamilies1700000002000,
  RefreshTokenFamilyIndex1700000002010,
  ExpiredCountersIndex1700000002020,
  CanonicalUsernames1700000002100,
  CookiesOfEndedSessions1700000002150,
  NewestToken1700000003100,
  EndedSessionsIndex1700000003200,
  TokenLifetimes1700000003300,
  CookiesToEnd1700000003400,
  SerialDefault1700000003500,
  UserRoles1700000003600,
  ManagedClients1700000003700,
  RevocationTraceparent1700000003900,
  ExchangedTokenClient1700000004000,
  RevokedIdIndexes1700000004010,
  SessionAddresses1700000004100,
  LiveSessionAddresses1700000004110,
  AuditEvents1700000004200,
  SecondSuccessors1700000004300,
];
