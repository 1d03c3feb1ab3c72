const LOOPBACK = /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/;

/**
 * Parses the URL of a server to which tokens or secrets are sent.
 *
 * @param name the option, for the error
 * @param allowHttp whether plain HTTP is allowed on other machines than this one
 * @throws TypeError that names the option, and does not quote the URL, which may contain a password
 */
export function serverUrl(name: string, value: unknown, allowHttp: boolean): URL {
  const text = typeof value === 'string' || value instanceof URL ? String(value) : '';
  const url = httpUrl(text);
  if (!url) throw new TypeError(`${name} must be an http or https URL`);
  if (url.username + url.password !== '')
    throw new TypeError(`${name} must not contain a user or password`);
  if (/[?#]/.test(text)) throw new TypeError(`${name} must not have a query or a fragment`);
  if (url.protocol === 'https:' || allowHttp || LOOPBACK.test(url.hostname)) return url;
  throw new TypeError(
    `${name} must use https, because tokens are sent there; or set allowHttp: true`,
  );
}

function httpUrl(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url && /^https?:$/.test(url.protocol) ? url : undefined;
}
