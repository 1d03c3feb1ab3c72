import { readKeys, type ReadKeys } from '@latchkey/inspector';
import { texts } from '../../../texts.js';

const TIMEOUT_MILLISECONDS = 10_000;
const MAX_BYTES = 1_000_000;
/** A Content-Security-Policy has no form of `[::1]`. */
const LOOPBACK = /^(?:localhost|127\.0\.0\.1)$/;
const { fetching } = texts.keys;

/**
 * Fetches a key set, a certificate, or the metadata of an issuer, which name their key set (RFC 8414).
 *
 * @throws {Error} with a sentence
 */
export async function fetchKeys(address: string): Promise<ReadKeys> {
  const text = await fetchText(addressOf(address));
  const keySet = keySetOf(text);
  return readKeys(keySet === undefined ? text : await fetchText(addressOf(keySet)));
}

/** Keys that anybody on the way could exchange would prove nothing. */
function addressOf(text: string): URL {
  const url = URL.canParse(text.trim()) ? new URL(text.trim()) : undefined;
  if (url === undefined) throw new Error(fetching.notAnAddress);
  const isSafe =
    url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.test(url.hostname));
  if (!isSafe) throw new Error(fetching.unsafe);
  // `fetch` refuses an address with credentials.
  if (url.username !== '' || url.password !== '') throw new Error(fetching.credentials);
  return url;
}

async function fetchText(url: URL): Promise<string> {
  const response = await fetch(url, {
    credentials: 'omit',
    referrerPolicy: 'no-referrer',
    cache: 'no-cache',
    signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS),
  }).catch(explain);
  if (!response.ok) throw new Error(fetching.status(response.status));
  // The time runs while the body arrives, too.
  const body = await response.text().catch(explain);
  if (body.length > MAX_BYTES) throw new Error(fetching.tooLarge);
  return body;
}

function explain(error: unknown): never {
  const isLate = error instanceof DOMException && error.name === 'TimeoutError';
  throw new Error(isLate ? fetching.late : fetching.unreadable, { cause: error });
}

/** The member `jwks_uri` of an issuer's metadata. */
function keySetOf(text: string): string | undefined {
  try {
    const { jwks_uri: address } = JSON.parse(text) as { jwks_uri?: unknown };
    return typeof address === 'string' ? address : undefined;
  } catch {
    return undefined; // PEM, or JSON that is broken: the reader of keys says where
  }
}
