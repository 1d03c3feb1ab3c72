const EXAMPLE = 'must be a URL such as postgres://user:password@host:5432/database';

/**
 * libpq takes `require` and `verify-ca` for less than a check of the server's name. This driver does
 * not, today; saying `verify-full` keeps it so in its next version.
 */
const CHECKED = ['require', 'verify-ca', 'verify-full'];

/**
 * A URL of a Postgres database that leaves nothing about TLS to the driver.
 *
 * @throws TypeError that says what is wrong, and nothing of the URL
 */
export function postgresUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !['postgres:', 'postgresql:'].includes(url.protocol)) throw new TypeError(EXAMPLE);
  const { searchParams } = url;
  for (const name of ['ssl', 'sslrootcert', 'uselibpqcompat'])
    if (searchParams.has(name))
      throw new TypeError(`must not hold ${name}: use sslmode, and a variable for the authority`);
  const mode = searchParams.get('sslmode');
  if (mode === null || mode === 'disable') return lowerCaseScheme(text);
  if (!CHECKED.includes(mode))
    throw new TypeError(
      'must hold sslmode=verify-full, or sslmode=disable: any other does without TLS, or without ' +
        "a look at the server's certificate",
    );
  searchParams.set('sslmode', 'verify-full');
  return url.href;
}

/** Whether it can be told which authorities are believed. */
export const forbidsTls = (url: string): boolean =>
  new URL(url).searchParams.get('sslmode') === 'disable';

/** The same database, with TLS and with the authorities of a file, which is read at each connection. */
export function withAuthority(url: string, caFile: string | undefined): string {
  if (caFile === undefined) return url;
  const result = new URL(url);
  result.searchParams.set('sslmode', 'verify-full');
  result.searchParams.set('sslrootcert', caFile);
  return result.href;
}

/** Only so far: a driver reads the rest as it was written. */
const lowerCaseScheme = (text: string): string =>
  text.trim().replace(/^[^:]*/, (scheme) => scheme.toLowerCase());
