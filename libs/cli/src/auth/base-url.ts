import { usageError } from '../errors.js';

/** The auth service that `npm start` starts. */
export const DEFAULT_URL = 'http://localhost:4000';

/** Host names of this machine. */
export const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/**
 * Parses the URL of auth. Everything that is sent there has a token or a password, so plain HTTP is for
 * this machine only, unless it is allowed.
 *
 * @returns the URL without a slash at its end
 * @throws CommandError for a URL that cannot be one of auth
 */
export function parseBaseUrl(text: string, insecureHttp: boolean): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol))
    throw usageError('The URL of auth must begin with https:// or http://');
  if ([url.username, url.password, url.search, url.hash].some((part) => part !== ''))
    throw usageError('The URL of auth must not have a user name, a query or a fragment');
  if (url.protocol === 'http:' && !insecureHttp && !LOOPBACK.test(url.hostname))
    throw usageError('A token must not be sent over http:// to another machine', {
      hint: 'use https://, or --insecure-http in a network that you trust',
    });
  return url.href.replace(/\/+$/, '');
}
