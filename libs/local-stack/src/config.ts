import { join } from 'node:path';

/** What the environment says about where the real parts come from. The only reader of `process.env`. */
export interface Surroundings {
  /** `LATCHKEY_POSTGRES_URL`: a superuser's URL of a running Postgres, used instead of an own one. */
  postgresUrl?: string;
  /** `NATS_URL`: a running NATS server, used instead of an own one. */
  natsUrl?: string;
  /** `REDIS_URL`: a running Redis server, used instead of an own one. */
  redisUrl?: string;
  /** `XDG_CACHE_HOME`, else `$HOME/.cache` (XDG Base Directory Specification). */
  cacheHome?: string;
  /** `LATCHKEY_STATE_DIRECTORY`: where data and secrets are kept, instead of `.latchkey`. */
  stateDirectory?: string;
  /** `PATH`. */
  searchPath: string;
}

const given = (value: string | undefined) => (value === '' ? undefined : value);

/** Reads the environment; an empty variable counts as unset. */
export function surroundings(env: NodeJS.ProcessEnv = process.env): Surroundings {
  const home = given(env['HOME']) ?? given(env['USERPROFILE']);
  const optional = {
    postgresUrl: given(env['LATCHKEY_POSTGRES_URL']),
    natsUrl: given(env['NATS_URL']),
    redisUrl: given(env['REDIS_URL']),
    cacheHome: given(env['XDG_CACHE_HOME']) ?? (home && join(home, '.cache')),
    stateDirectory: given(env['LATCHKEY_STATE_DIRECTORY']),
  };
  const set = Object.entries(optional).filter(([, value]) => value !== undefined);
  return { searchPath: env['PATH'] ?? '', ...Object.fromEntries(set) };
}

/**
 * The environment for a child that gets its settings from us alone: only what a program needs to
 * run at all is passed on, so that a stray `DATABASE_URL` or `PGHOST` of the user changes nothing.
 */
export function bareEnvironment(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const kept = ['PATH', 'HOME', 'TMPDIR', 'TZ', 'SystemRoot', 'TEMP', 'NODE_EXTRA_CA_CERTS'];
  return Object.fromEntries(kept.flatMap((name) => (env[name] ? [[name, env[name]]] : [])));
}
