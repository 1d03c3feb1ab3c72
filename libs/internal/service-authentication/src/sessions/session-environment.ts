import { environment } from '@latchkey/service-kit';

const HALF_AN_HOUR_SECONDS = 1_800;
const HALF_A_DAY_SECONDS = 43_200;
/** Longer than any client waits. Node.js fires a timer of more than 24.8 days immediately. */
const LONGEST_TIMEOUT_SECONDS = 600;

const storeUrl = environment.readBy((text) => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && ['postgres:', 'postgresql:'].includes(url.protocol))
    return environment.postgresUrl(text);
  if (!url || !['redis:', 'rediss:'].includes(url.protocol))
    throw new TypeError(
      'must be a URL such as rediss://:password@host:6379 or postgres://user:password@host:5432/sessions',
    );
  // The client would ignore a query string, and would stop the service for any other path.
  if (!/^\/?\d*$/.test(url.pathname) || url.search !== '')
    throw new TypeError('may have only the number of a Redis database after the port');
  return url.href;
});

/** Environment variables about session cookies and access token cookies. */
export const sessionEnvironment = {
  /** Redis server or Postgres database in which all services keep sessions. */
  SESSION_STORE_URL: storeUrl.optional(),
  /** Certificate authorities for that server. Default: those of the system. */
  SESSION_STORE_CA_FILE: environment.certificateFile.optional(),
  /** Origins of the pages that may use either cookie. Default: the origin of `ISSUER`. */
  SESSION_ORIGINS: environment.origins.optional(),
  /** Time limit for connecting to the store and for each command; after it the client gets a 503. */
  SESSION_STORE_TIMEOUT_SECONDS: environment.seconds.max(LONGEST_TIMEOUT_SECONDS).default(2),
  SESSION_IDLE_SECONDS: environment.seconds.default(HALF_AN_HOUR_SECONDS),
  SESSION_ABSOLUTE_SECONDS: environment.seconds.default(HALF_A_DAY_SECONDS),
  /** Whether access tokens are accepted in a cookie as well. */
  ACCESS_TOKEN_COOKIE: environment.flag.prefault('false'),
};

/** Checks that involve several variables of `sessionEnvironment`. */
export const sessionRules = [
  environment.rule(
    sessionEnvironment,
    ['SESSION_STORE_URL', 'SESSION_STORE_CA_FILE'],
    'SESSION_STORE_CA_FILE',
    'needs TLS: set SESSION_STORE_URL to rediss://, or to postgres:// without sslmode=disable',
    ({ SESSION_STORE_URL: url, SESSION_STORE_CA_FILE: caFile }) =>
      caFile === undefined || (url !== undefined && usesTls(url)),
  ),
] as const;

const usesTls = (url: string) =>
  isRedis(url) ? url.startsWith('rediss:') : !environment.forbidsTls(url);

/** Whether a URL names a Redis store; otherwise it names a Postgres store. */
export const isRedis = (url: string): boolean => url.startsWith('redis');

/** Configuration of session and token cookies, named as the environment variables. */
export interface SessionConfig {
  readonly ISSUER: string;
  readonly SESSION_STORE_URL?: string | undefined;
  readonly SESSION_STORE_CA_FILE?: string | undefined;
  readonly SESSION_STORE_TIMEOUT_SECONDS: number;
  readonly SESSION_ORIGINS?: readonly string[] | undefined;
  readonly SESSION_IDLE_SECONDS: number;
  readonly SESSION_ABSOLUTE_SECONDS: number;
  readonly ACCESS_TOKEN_COOKIE: boolean;
}

/** Origins of the pages that may use the cookies. */
export const cookieOrigins = ({
  ISSUER,
  SESSION_ORIGINS,
}: Pick<SessionConfig, 'ISSUER' | 'SESSION_ORIGINS'>): readonly string[] =>
  SESSION_ORIGINS ?? [new URL(ISSUER).origin];
