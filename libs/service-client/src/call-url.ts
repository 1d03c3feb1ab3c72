/** Characters that no path of ours contains, and that URL parsers change or drop. */
const SUSPICIOUS = /[\\#\s\p{Cc}]/u;

/**
 * Joins the base URL of a service and a path. The result is always below the base URL: a path that comes from
 * a user's input cannot name another server, or another part of this one.
 *
 * @param base without a slash at the end
 * @throws TypeError if the path is not absolute, or tries to leave the base URL. It does not quote the path
 */
export function callUrl(base: string, path: string): string {
  if (typeof path !== 'string' || !path.startsWith('/') || path.startsWith('//'))
    throw new TypeError('path must begin with exactly one slash');
  if (SUSPICIOUS.test(path))
    throw new TypeError('path must not contain white space, backslashes, control characters or #');
  const [pathname = ''] = path.split('?', 1);
  if (segmentsOf(pathname).some((segment) => segment === '.' || segment === '..'))
    throw new TypeError('path must not contain the segments . and ..');
  return base + path;
}

/**
 * Decodes the path, because a proxy may decode a slash or a dot before it resolves the path. Leaves out the parameters of
 * segments (RFC 3986 §3.3), because some servers resolve `..;x` like `..`.
 */
function segmentsOf(pathname: string): readonly string[] {
  try {
    return decodeURIComponent(pathname)
      .split(/[/\\]/)
      .map((segment) => segment.split(';', 1)[0]!);
  } catch {
    throw new TypeError('path must be percent-encoded UTF-8');
  }
}
