import { Module, type DynamicModule } from '@nestjs/common';

/** Injects what log-in, sessions and refresh are configured with. */
export const SETTINGS = Symbol('LATCHKEY:AUTH_SETTINGS');

export interface ConfiguredClient {
  readonly clientId: string;
  readonly secretSha256: string;
  /** What its own tokens may carry; none for a client that gets none. */
  readonly scopes: readonly string[];
  /** The services for which it may exchange a user's token that it was called with; none by default. */
  readonly exchange: readonly string[];
}

/** All times in seconds. */
export interface Settings {
  readonly issuer: string;
  /** The services that tokens are for, beside the issuer. */
  readonly audiences: readonly string[];
  /** The `scope` of a new account. */
  readonly userScope: string;
  /** The `scope` of the first administrator. */
  readonly adminScope: string;
  readonly refreshIdleLifetimeSeconds: number;
  readonly refreshAbsoluteLifetimeSeconds: number;
  readonly refreshGraceSeconds: number;
  /** A session with a cookie ends after this in any case. */
  readonly cookieSessionAbsoluteSeconds: number;
  readonly sessionsPerAccount: number;
  /** From one address. */
  readonly registrationsPerHour: number;
  /** Of the pages whose access token may be in a cookie; undefined where none may. */
  readonly accessTokenCookieOrigins: readonly string[] | undefined;
  /** A client that is listed twice has two secrets, as while one is being replaced. */
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

/** The client of the built-in log-in; public, as it runs in browsers. */
export const FIRST_PARTY_CLIENT = 'latchkey-web';

/** Makes its holder an administrator of auth. */
export const ADMINISTERS = 'auth:admin';
