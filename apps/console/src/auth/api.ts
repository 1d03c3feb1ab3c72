import type { RevocationPendingReply } from '@latchkey/contracts/auth-api';
import { atAuth } from '../system/auth-address.js';
import { auth } from '../texts/auth.js';
import { ApiError, errorOf, failureOf } from './api-error.js';
import { consoleSession } from './session.js';

/** Hashing a password can wait for others. */
const TIMEOUT_MILLISECONDS = 20_000;

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** Part of a path. Names may contain any character. */
export const segment = (text: string): string => encodeURIComponent(text);

/** Reads something of auth. @throws {@link ApiError} */
export async function read<Reply>(path: string, signal?: AbortSignal): Promise<Reply> {
  const response = await exchange('GET', path, undefined, signal);
  return json<Reply>(response);
}

/** Sends a request whose answer has a body. @throws {@link ApiError} */
export async function send<Reply>(method: Method, path: string, body?: unknown): Promise<Reply> {
  return json<Reply>(await exchange(method, path, body));
}

/**
 * Sends a request that revokes something.
 *
 * @returns a sentence that says whether the services know of it: 202 means that it is recorded only
 * @throws {@link ApiError}
 */
export async function revoke(method: Method, path: string, body?: unknown): Promise<string> {
  const response = await exchange(method, path, body);
  if (response.status !== 202) return auth.published;
  const { accessTokensMayLiveSeconds: seconds } = await json<RevocationPendingReply>(response);
  return auth.recorded(seconds);
}

/** Logs in, in every tab. @throws {@link ApiError} */
export const logIn = (username: string, password: string): Promise<void> =>
  consoleSession()
    .logIn(username, password)
    .catch((error: unknown) => {
      throw failureOf(error, false);
    });

/** Ends this session, or all of the user. @returns as {@link revoke} @throws {@link ApiError} */
export async function logOut(everywhere: boolean): Promise<string> {
  try {
    const publication = await consoleSession().logOut({ everywhere });
    return publication.published
      ? auth.published
      : auth.recorded(publication.accessTokensMayLiveSeconds);
  } catch (error) {
    throw failureOf(error, true);
  }
}

/** Creates an account. The answer does not say whether the name was free. @throws {@link ApiError} */
export async function register(username: string, password: string): Promise<void> {
  try {
    const response = await fetch(atAuth('register'), {
      ...request('POST', { username, password }),
      credentials: 'omit',
    });
    if (response.status === 404) throw new ApiError([auth.errors.noRegistration], 'not_found');
    if (!response.ok) throw await errorOf(response);
  } catch (error) {
    throw failureOf(error, false);
  }
}

async function exchange(
  method: Method,
  path: string,
  body?: unknown,
  signal?: AbortSignal,
): Promise<Response> {
  try {
    const url = atAuth(path);
    const response = await consoleSession().fetch(url, request(method, body, signal));
    if (!response.ok) throw await errorOf(response);
    return response;
  } catch (error) {
    throw failureOf(error, method !== 'GET');
  }
}

function request(method: Method, body: unknown, signal?: AbortSignal): RequestInit {
  const timeout = AbortSignal.timeout(TIMEOUT_MILLISECONDS);
  return {
    method,
    redirect: 'error',
    cache: 'no-store',
    signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    ...(body !== undefined && {
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    }),
  };
}

/** A proxy may answer 200 with a page of its own. */
async function json<Reply>(response: Response): Promise<Reply> {
  try {
    return (await response.json()) as Reply;
  } catch (cause) {
    const { status } = response;
    throw new ApiError([auth.errors.unexpected(status)], String(status), {}, { cause });
  }
}
