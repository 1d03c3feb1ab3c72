import { parseJson } from '../../auth/answer.js';
import { unavailable } from '../../errors.js';
import type { WebReader } from './web-reader.js';

/**
 * Reads the key set of an issuer, whose metadata says where it is (RFC 8414 §3, OpenID Connect
 * Discovery 1.0 §4).
 *
 * @throws CommandError `keys_unreachable`, or `invalid_usage` for a URL that must not be fetched
 */
export async function discoverKeySet(web: WebReader, issuer: string): Promise<string> {
  const [first, second] = metadataUrls(issuer);
  const text = await web.read(first).catch(() => web.read(second));
  const metadata = parseJson(text) as { issuer?: unknown; jwks_uri?: unknown } | undefined;
  // Otherwise one issuer could name the keys of another (RFC 8414 §3.3).
  if (metadata?.issuer !== issuer)
    throw unavailable('keys_unreachable', `${issuer} has no usable metadata`, {
      detail: 'its metadata names another issuer',
    });
  if (typeof metadata.jwks_uri !== 'string')
    throw unavailable('keys_unreachable', `${issuer} has no usable metadata`, {
      detail: 'its metadata has no jwks_uri',
    });
  return web.read(metadata.jwks_uri);
}

/** RFC 8414 puts the well-known part before the path of the issuer, and OpenID Connect after it. */
function metadataUrls(issuer: string): [string, string] {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, '');
  return [
    `${origin}/.well-known/oauth-authorization-server${path}`,
    `${origin}${path}/.well-known/openid-configuration`,
  ];
}
