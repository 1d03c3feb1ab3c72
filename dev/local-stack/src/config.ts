import { parseNatsServers } from '@latchkey/contracts';
import { join } from 'node:path';
import { NamedServerError } from './servers/named-server.js';

/** Settings from the environment. This file is the only reader of `process.env`. */
export interface Surroundings {
  /** `LATCHKEY_POSTGRES_URL`: a superuser's URL for a running Postgres to use instead of starting one. */
  postgresUrl?: string;
  /** `NATS_URL`: a running NATS server to use instead of starting one. */
  natsUrl?: string;
  /** `REDIS_URL`: a running Redis server to use instead of starting one. */
  redisUrl?: string;
  /** `XDG_CACHE_HOME`, else `$HOME/.cache` (XDG Base Directory Specification). */
  cacheHome?: string;
  /** `LATCHKEY_STATE_DIRECTORY`: the directory for data and secrets, instead of `.latchkey`. */
  stateDirectory?: string;
  /** `PATH`. */
  searchPath: string;
}

const given = (value: string | undefined) => (value?.trim() === '' ? undefined : value);

/**
 * Reads the environment; an empty variable counts as unset.
 *
 * @throws {NamedServerError} naming the variable but not its value, which may contain a password
 */
export function surroundings(env: NodeJS.ProcessEnv = process.env): Surroundings {
  const home = given(env['HOME']) ?? given(env['USERPROFILE']);
  const optional = {
    postgresUrl: urlIn(env, 'LATCHKEY_POSTGRES_URL', ['postgres:', 'postgresql:']),
    natsUrl: natsUrlIn(env),
    redisUrl: urlIn(env, 'REDIS_URL', ['redis:', 'rediss:']),
    cacheHome: given(env['XDG_CACHE_HOME']) ?? (home && join(home, '.cache')),
    stateDirectory: given(env['LATCHKEY_STATE_DIRECTORY']),
  };
  const set = Object.entries(optional).filter(([, value]) => value !== undefined);
  return { searchPath: env['PATH'] ?? '', ...Object.fromEntries(set) };
}

function urlIn(env: NodeJS.ProcessEnv, name: string, protocols: readonly string[]) {
  const text = given(env[name]);
  if (text === undefined) return undefined;
  const protocol = URL.canParse(text) ? new URL(text).protocol : '';
  if (!protocols.includes(protocol))
    throw new NamedServerError(`${name} must be a URL that starts with ${protocols[0]}//`);
  return text;
}

function natsUrlIn(env: NodeJS.ProcessEnv) {
  const text = given(env['NATS_URL']);
  try {
    return text === undefined ? undefined : parseNatsServers(text).servers.join(',');
  } catch (error) {
    throw new NamedServerError(`NATS_URL ${(error as Error).message}`);
  }
}

/**
 * The variables that any program needs in order to run, and no others, so that a stray
 * `DATABASE_URL` or `PGHOST` in the user's shell does not change how a child behaves.
 */
export function bareEnvironment(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const kept = ['PATH', 'HOME', 'TMPDIR', 'TZ', 'SystemRoot', 'TEMP', 'NODE_EXTRA_CA_CERTS'];
  return Object.fromEntries(kept.flatMap((name) => (env[name] ? [[name, env[name]]] : [])));
}
