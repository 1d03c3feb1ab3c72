import { LIVE_EVENTS_PATH, type LiveStatus } from '@latchkey/contracts/live';

const TIMEOUT_MILLISECONDS = 2_000;
const STATUS = /^event: status\ndata: (.*)$/m;

/** The status with which a replica begins its live events; undefined if it does not answer. */
export async function liveStatus(url: string): Promise<LiveStatus | undefined> {
  const closing = new AbortController();
  const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(TIMEOUT_MILLISECONDS)]);
  try {
    const { body } = await fetch(url + LIVE_EVENTS_PATH, { signal });
    let text = '';
    for await (const chunk of (body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
      text += chunk;
      const [, data] = STATUS.exec(text) ?? [];
      if (data !== undefined && text.includes(`${data}\n\n`)) return JSON.parse(data) as LiveStatus;
    }
    return undefined;
  } catch {
    return undefined; // it is down, which is what the caller shows
  } finally {
    closing.abort();
  }
}
