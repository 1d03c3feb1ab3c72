const EXAMPLE = 'must be a URL such as postgres://user:password@host:5432/database';

/**
 * In libpq, `require` and `verify-ca` do not check the server's name. In this version of the driver they do; the
 * explicit `verify-full` keeps it so in the next one.
 */
const CHECKED = ['require', 'verify-ca', 'verify-full'];

/**
 * Validates a database URL, and makes its TLS mode explicit.
 *
 * @throws TypeError whose message does not quote the URL
 */
export function postgresUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !['postgres:', 'postgresql:'].includes(url.protocol)) throw new TypeError(EXAMPLE);
  const { searchParams } = url;
  for (const name of ['ssl', 'sslrootcert', 'uselibpqcompat'])
    if (searchParams.has(name))
      throw new TypeError(
        `must not contain ${name}: use sslmode, and a CA_FILE variable for the authority`,
      );
  const mode = searchParams.get('sslmode');
  if (mode === null || mode === 'disable') return lowerCaseScheme(text);
  if (!CHECKED.includes(mode))
    throw new TypeError(
      'must contain sslmode=verify-full or sslmode=disable: any other mode skips TLS, or the check of the ' +
        "server's certificate",
    );
  searchParams.set('sslmode', 'verify-full');
  return url.href;
}

/** Whether the URL turns TLS off, so that a certificate authority has no effect. */
export const forbidsTls = (url: string): boolean =>
  new URL(url).searchParams.get('sslmode') === 'disable';

/** Turns TLS on, with the certificate authorities of a file that is read at each connection. */
export function withAuthority(url: string, caFile: string | undefined): string {
  if (caFile === undefined) return url;
  const result = new URL(url);
  result.searchParams.set('sslmode', 'verify-full');
  result.searchParams.set('sslrootcert', caFile);
  return result.href;
}

/** The driver reads the rest of the URL case-sensitively, so only the scheme is changed. */
const lowerCaseScheme = (text: string): string =>
  text.trim().replace(/^[^:]*/, (scheme) => scheme.toLowerCase());
