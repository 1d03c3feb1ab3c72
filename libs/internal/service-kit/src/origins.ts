const LOOPBACK = /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/;

/**
 * Parses a comma-separated list of web origins (RFC 6454) into the form in which browsers send them: lower case,
 * without the scheme's default port and without a slash at the end. An origin that is listed twice counts once.
 *
 * @throws TypeError that says what is wrong, and does not quote the list
 */
export function parseOrigins(text: string): readonly string[] {
  return [...new Set(text.split(',').map((origin) => parseOrigin(origin.trim())))];
}

function parseOrigin(text: string): string {
  // `null` is the origin of every sandboxed frame and every local file, so it identifies nobody.
  if (text === 'null') throw new TypeError('must not contain null, which any website can send');
  if (text.includes('*')) throw new TypeError('must not contain *: list each origin');
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || !isOriginAlone(text, url))
    throw new TypeError(
      'must be a comma-separated list of origins such as https://shop.example.com, without a path',
    );
  if (url.protocol === 'http:' && !LOOPBACK.test(url.hostname))
    throw new TypeError('may use http only for this machine, such as http://localhost:5173');
  return url.origin;
}

/** `URL` repairs text such as `https:host`, `https:\\host` or `https://host?`, which is probably a slip. */
const isOriginAlone = (text: string, { href, origin }: URL) =>
  href === `${origin}/` && /^\w+:\/\/[^\s/\\?#@]+\/?$/.test(text);
