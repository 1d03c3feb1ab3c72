import { environment } from '@latchkey/service-kit';
import { z } from 'zod';

const HALF_AN_HOUR = 1_800;
const HALF_A_DAY = 43_200;
/** Longer than any client waits; a timer of ten years would be over at once. */
const LONGEST_TIMEOUT = 600;

const origins = z
  .string()
  .transform((text) => text.split(',').map((origin) => origin.trim()))
  .refine(
    (all) => all.every((one) => URL.canParse(one) && new URL(one).origin === one),
    'must be origins such as https://shop.example.com, with commas between',
  );

const storeUrl = environment.readBy((text) => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && ['postgres:', 'postgresql:'].includes(url.protocol))
    return environment.postgresUrl(text);
  if (!url || !['redis:', 'rediss:'].includes(url.protocol))
    throw new TypeError(
      'must be a URL such as rediss://:password@host:6379 or postgres://user:password@host:5432/sessions',
    );
  // The client would drop a query without a word, and stop the service at another path.
  if (!/^\/?\d*$/.test(url.pathname) || url.search !== '')
    throw new TypeError('may hold the number of a Redis database after the port, and no more');
  return url.href;
});

/** What every service reads about what browsers keep: stateful sessions, and tokens in cookies. */
export const sessionEnvironment = {
  /** Where they are kept, for all services: a Redis server or a Postgres database of their own. */
  SESSION_STORE_URL: storeUrl.optional(),
  /** Who has signed the certificate of that server, instead of the system's authorities. */
  SESSION_STORE_CA_FILE: environment.certificateFile.optional(),
  /** Of the pages that may use a cookie, that of a session or that of a token. Default: that of `ISSUER`. */
  SESSION_ORIGINS: origins.optional(),
  /** How long the store may take, to be connected to and to answer; whoever asked gets a 503 after that. */
  SESSION_STORE_TIMEOUT_SECONDS: environment.seconds.max(LONGEST_TIMEOUT).default(2),
  SESSION_IDLE_SECONDS: environment.seconds.default(HALF_AN_HOUR),
  SESSION_ABSOLUTE_SECONDS: environment.seconds.default(HALF_A_DAY),
  /** Whether an access token may travel in a cookie. */
  ACCESS_TOKEN_COOKIE: environment.flag.prefault('false'),
};

/** What no variable of `sessionEnvironment` can tell by itself. */
export const sessionRules = [
  environment.rule(
    sessionEnvironment,
    ['SESSION_STORE_URL', 'SESSION_STORE_CA_FILE'],
    'SESSION_STORE_CA_FILE',
    'is of use with rediss:// or postgres:// in SESSION_STORE_URL, and not with sslmode=disable',
    ({ SESSION_STORE_URL: url, SESSION_STORE_CA_FILE: caFile }) =>
      caFile === undefined || (url !== undefined && usesTls(url)),
  ),
] as const;

const usesTls = (url: string) =>
  isRedis(url) ? url.startsWith('rediss:') : !environment.forbidsTls(url);

/** Which of the two stores a URL names. */
export const isRedis = (url: string): boolean => url.startsWith('redis');

/** The part of a service's configuration that is about sessions, as its environment names it. */
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

/** Whose pages may use a cookie. */
export const cookieOrigins = ({
  ISSUER,
  SESSION_ORIGINS,
}: Pick<SessionConfig, 'ISSUER' | 'SESSION_ORIGINS'>): readonly string[] =>
  SESSION_ORIGINS ?? [new URL(ISSUER).origin];
