import { readFileSync } from 'node:fs';
import type { Environment } from '../config.js';
import { refused, usageError } from '../errors.js';
import type { StoredLogin } from './login-file.js';

const LOG_IN = { hint: 'latchkey login' };

/** `b64token` of RFC 6750 §2.1. Anything else could not be sent in a header. */
const TOKEN = /^[A-Za-z0-9._~+/-]+=*$/;

/**
 * Chooses the token for a server: the environment's, or that of the last log-in there. Messages never
 * contain a token.
 *
 * @param now in milliseconds
 * @throws CommandError if there is none, or the one of the last log-in has expired
 */
export function accessTokenFor(
  url: string,
  { token, tokenFile }: Environment,
  stored: () => StoredLogin | undefined,
  now: number,
): string {
  if (token !== undefined) return checked(token, 'LATCHKEY_TOKEN');
  if (tokenFile !== undefined) return checked(readTokenFile(tokenFile), 'LATCHKEY_TOKEN_FILE');
  const login = stored();
  if (!login) throw refused('not_logged_in', 'Nobody is logged in', LOG_IN);
  if (login.url !== url)
    throw refused('not_logged_in', `Nobody is logged in at ${url}`, {
      detail: `${login.username} is logged in at ${login.url}`,
      ...LOG_IN,
    });
  if (Date.parse(login.expiresAt) <= now)
    throw refused('login_expired', 'The log-in has expired', LOG_IN);
  return login.accessToken;
}

function checked(token: string, source: string): string {
  if (!TOKEN.test(token)) throw usageError(`${source} does not contain an access token`);
  return token;
}

function readTokenFile(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw usageError('The file of LATCHKEY_TOKEN_FILE cannot be read', { detail: `${code}` });
  }
}
