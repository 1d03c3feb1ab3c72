import { Module, type DynamicModule } from '@nestjs/common';
import type { JsonWebKey } from 'node:crypto';
import type { AudienceTable } from './audience-table.js';

/** Injection token for {@link Settings}. */
export const SETTINGS = Symbol('LATCHKEY:AUTH_SETTINGS');

/** The tokens that a client may get. */
export interface ClientPolicy {
  /** Scopes for its own tokens; empty if it may not get any. */
  readonly scopes: ReadonlySet<string>;
  /**
   * Services for which it may exchange a user's token, each with the scopes that it may ask for;
   * undefined stands for all scopes that the service knows.
   */
  readonly exchange: ReadonlyMap<string, ReadonlySet<string> | undefined>;
}

/** A client's public key, which verifies its assertions. */
export interface ClientKey {
  /** The members that define the key, with its `kid`, and with its `alg` if it is limited to one. */
  readonly jwk: Readonly<JsonWebKey> & { readonly kid: string; readonly alg?: string };
  /** RFC 7638, with SHA-256. */
  readonly thumbprint: string;
}

/** An entry of `OAUTH_CLIENTS`. It has a secret, keys, or both. */
export interface ConfiguredClient extends ClientPolicy {
  readonly clientId: string;
  readonly secretSha256?: string | undefined;
  readonly keys: readonly ClientKey[];
}

/** Configuration of log-in, sessions and refresh. */
export interface Settings {
  readonly issuer: string;
  /** The services that accept tokens, apart from the issuer. */
  readonly audiences: AudienceTable;
  /** The scopes of every user. */
  readonly userScopes: readonly string[];
  /** The roles that users can have, with the scopes that each one adds. */
  readonly roles: ReadonlyMap<string, readonly string[]>;
  readonly refreshIdleLifetimeSeconds: number;
  readonly refreshAbsoluteLifetimeSeconds: number;
  readonly refreshGraceSeconds: number;
  /** The longest lifetime of a cookie session, however active it is. */
  readonly cookieSessionAbsoluteSeconds: number;
  readonly sessionsPerAccount: number;
  /** How long the audit trail is kept. */
  readonly auditRetentionDays: number;
  /** Whether sessions keep the network addresses of their log-in and last refresh. */
  readonly sessionAddresses: boolean;
  /** The limit for each address. */
  readonly registrationsPerHour: number;
  /** Origins of the pages that may use the cookie with the refresh token, besides the issuer's own. */
  readonly refreshCookieOrigins: readonly string[];
  /** Origins of the pages that may keep their access token in a cookie; undefined if cookies are off. */
  readonly accessTokenCookieOrigins: readonly string[] | undefined;
  /** A client may be listed twice, with two secrets or keys, while one replaces the other. */
  readonly oauthClients: readonly ConfiguredClient[];
  readonly initialAdmin: { readonly username: string; readonly password: string } | undefined;
}

@Module({})
export class SettingsModule {
  static forRoot(settings: Settings): DynamicModule {
    const provider = { provide: SETTINGS, useValue: settings };
    return { module: SettingsModule, global: true, providers: [provider], exports: [provider] };
  }
}

/** The client of the built-in log-in, which is public because it runs in browsers. */
export const FIRST_PARTY_CLIENT = 'latchkey-web';

/** The built-in role of administrators. */
export const ADMIN_ROLE = 'admin';

/** The scope that makes a user an administrator of this service. */
export const ADMIN_SCOPE = 'auth:admin';
