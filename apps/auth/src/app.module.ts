import { DatabaseModule, natsSettings } from '@latchkey/service-kit';
import { cookieOrigins, SessionAuthenticationModule } from '@latchkey/service-authentication';
import { Module, type DynamicModule } from '@nestjs/common';
import { AccountsModule } from './accounts/accounts.module.js';
import { AdminModule } from './admin/admin.module.js';
import { AuditModule } from './platform/audit/audit.module.js';
import { AdmissionModule } from './platform/admission/admission.module.js';
import { ClockModule } from './platform/clock/clock.module.js';
import type { Config } from './config.js';
import { ENTITIES, MIGRATIONS } from './database.js';
import { CookieSessionsModule } from './sessions/cookie-sessions/cookie-sessions.module.js';
import { housekeeping } from './housekeeping.js';
import { KeysModule } from './keys/keys.module.js';
import { OAuthModule } from './oauth/oauth.module.js';
import { RELAY_DATABASE } from './platform/relay-database.js';
import { RevocationsModule } from './revocations/revocations.module.js';
import { SessionsModule } from './sessions/sessions.module.js';
import { ADMIN_ROLE, ADMIN_SCOPE, SettingsModule, type Settings } from './platform/settings.js';
import { StatusModule } from './status/status.module.js';
import { SnapshotModule } from './snapshot/snapshot.module.js';
import { TokensModule } from './tokens/tokens.module.js';

@Module({})
export class AppModule {
  static forRoot(config: Config): DynamicModule {
    return {
      module: AppModule,
      imports: [
        DatabaseModule.forRoot(
          {
            url: config.DATABASE_URL,
            entities: ENTITIES,
            migrations: MIGRATIONS,
            poolSize: config.DATABASE_POOL_SIZE,
            urgentPoolSize: config.DATABASE_URGENT_POOL_SIZE,
          },
          [{ token: RELAY_DATABASE, poolSize: config.DATABASE_RELAY_POOL_SIZE }],
        ),
        AdmissionModule,
        AuditModule,
        ClockModule,
        SettingsModule.forRoot(settingsOf(config)),
        ...tokenModules(config),
        AccountsModule,
        SessionsModule,
        ...cookieSessions(config),
        OAuthModule,
        SnapshotModule,
        StatusModule,
        AdminModule,
      ],
      providers: [housekeeping],
    };
  }
}

function cookieSessions(config: Config): DynamicModule[] {
  if (config.SESSION_STORE_URL === undefined) return [];
  // `false`: log-in for tokens must work without the session store.
  return [SessionAuthenticationModule.forRoot(config, false), { module: CookieSessionsModule }];
}

function tokenModules(config: Config): DynamicModule[] {
  const issuer = config.ISSUER;
  const accessTokenLifetimeSeconds = config.ACCESS_TOKEN_LIFETIME_SECONDS;
  return [
    KeysModule.forRoot({
      issuer,
      keyEncryptionKey: config.KEY_ENCRYPTION_KEY,
      nextKeyEncryptionKey: config.KEY_ENCRYPTION_KEY_NEXT,
      previousKeyEncryptionKey: config.KEY_ENCRYPTION_KEY_PREVIOUS,
      accessTokenLifetimeSeconds,
      publishAheadSeconds: config.SIGNING_KEY_PUBLISH_AHEAD_SECONDS,
      rotationSeconds: config.SIGNING_KEY_ROTATION_SECONDS,
    }),
    TokensModule.forRoot({
      issuer,
      audiences: [...config.AUDIENCES.keys()],
      lifetimeSeconds: accessTokenLifetimeSeconds,
      transactionTokens: config.TRUST_DOMAIN
        ? {
            trustDomain: config.TRUST_DOMAIN,
            lifetimeSeconds: config.TRANSACTION_TOKEN_LIFETIME_SECONDS,
          }
        : undefined,
    }),
    RevocationsModule.forRoot({
      issuer,
      accessTokenLifetimeSeconds,
      streamReplicas: config.NATS_STREAM_REPLICAS,
      nats: natsSettings(config),
    }),
  ];
}

function settingsOf(config: Config): Settings {
  const { INITIAL_ADMIN_USERNAME: username, INITIAL_ADMIN_PASSWORD: password } = config;
  return {
    issuer: config.ISSUER,
    audiences: config.AUDIENCES,
    userScopes: config.USER_SCOPES,
    roles: new Map([...config.ROLES, [ADMIN_ROLE, [...config.ADMIN_SCOPES, ADMIN_SCOPE]]]),
    refreshIdleLifetimeSeconds: config.REFRESH_IDLE_LIFETIME_SECONDS,
    refreshAbsoluteLifetimeSeconds: config.REFRESH_ABSOLUTE_LIFETIME_SECONDS,
    refreshGraceSeconds: config.REFRESH_GRACE_SECONDS,
    cookieSessionAbsoluteSeconds: config.SESSION_ABSOLUTE_SECONDS,
    sessionsPerAccount: config.SESSIONS_PER_ACCOUNT,
    auditRetentionDays: config.AUDIT_RETENTION_DAYS,
    sessionAddresses: config.SESSION_ADDRESSES,
    registrationsPerHour: config.REGISTRATIONS_PER_HOUR,
    refreshCookieOrigins: cookieOrigins(config),
    accessTokenCookieOrigins: config.ACCESS_TOKEN_COOKIE ? cookieOrigins(config) : undefined,
    oauthClients: config.OAUTH_CLIENTS,
    initialAdmin: username && password ? { username, password } : undefined,
  };
}
