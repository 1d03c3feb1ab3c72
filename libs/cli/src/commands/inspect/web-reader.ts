import { LOOPBACK } from '../../auth/base-url.js';
import { unavailable, usageError } from '../../errors.js';

/** No key set is larger. */
const MAX_BYTES = 1024 * 1024;
const MAX_TIMEOUT_SECONDS = 30;

/** Whether a text is meant as a URL rather than as the name of a file. */
export const isWebUrl = (text: string): boolean => /^https?:/i.test(text);

/** Reads documents from other servers. Redirects are not followed, and size and time are bounded. */
export class WebReader {
  constructor(
    private readonly fetch: typeof globalThis.fetch,
    private readonly timeoutSeconds: number,
  ) {}

  /**
   * @throws CommandError `invalid_usage` for plain HTTP to another machine, on which anybody could
   *   replace the keys, and `keys_unreachable` if there is no answer
   */
  async read(address: string): Promise<string> {
    const url = allowedUrl(address);
    const { fetch } = this;
    try {
      const response = await fetch(url, {
        headers: { accept: 'application/json', 'user-agent': 'latchkey' },
        redirect: 'manual',
        signal: AbortSignal.timeout(Math.min(this.timeoutSeconds, MAX_TIMEOUT_SECONDS) * 1_000),
      });
      if (response.status !== 200) throw new Error(`the status was ${response.status}`);
      return await boundedText(response);
    } catch (cause) {
      const { message, cause: reason } = cause as Error;
      const detail = reason instanceof Error && reason.message !== '' ? reason.message : message;
      throw unavailable('keys_unreachable', `${url} cannot be read`, { detail }, { cause });
    }
  }
}

function allowedUrl(address: string): string {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (!url) throw usageError(`${address} is not a URL`);
  if (url.username !== '' || url.password !== '')
    throw usageError('The URL of a key set must not have a user name');
  if (url.protocol === 'https:' || LOOPBACK.test(url.hostname)) return url.href;
  throw usageError('Keys must not be fetched over http:// from another machine', {
    hint: 'use https://',
  });
}

async function boundedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > MAX_BYTES) throw new Error('the answer is larger than 1 MiB');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
