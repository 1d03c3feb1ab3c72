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

/** What every service reads about what browsers keep: stateful sessions, and tokens in cookies. */
export const sessionEnvironment = {
  /** Where they are kept, for all services: a Redis server or a Postgres database of their own. */
  SESSION_STORE_URL: environment
    .url(
      'a URL such as redis://:password@host:6379 or postgres://user:password@host:5432/sessions',
      'redis:',
      'rediss:',
      'postgres:',
      'postgresql:',
    )
    .optional(),
  /** Of the pages that may use a cookie, that of a session or that of a token. Default: that of `ISSUER`. */
  SESSION_ORIGINS: origins.optional(),
  /** How long the store may take, to be connected to and to answer; whoever asked gets a 503 after that. */
  SESSION_STORE_TIMEOUT_SECONDS: environment.seconds.max(LONGEST_TIMEOUT).default(2),
  SESSION_IDLE_SECONDS: environment.seconds.default(HALF_AN_HOUR),
  SESSION_ABSOLUTE_SECONDS: environment.seconds.default(HALF_A_DAY),
  /** Whether an access token may travel in a cookie. */
  ACCESS_TOKEN_COOKIE: environment.flag.prefault('false'),
};

/** The part of a service's configuration that is about sessions, as its environment names it. */
export interface SessionConfig {
  readonly ISSUER: string;
  readonly SESSION_STORE_URL?: string | undefined;
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
