import { SNAPSHOT_MEDIA_TYPE } from '@latchkey/contracts';
import http, { type IncomingMessage, type RequestOptions } from 'node:http';
import https from 'node:https';
import type { SnapshotEndpoint } from './snapshot-source.js';

/** Shorter than the timeout, because the list is incomplete until the download ends. */
const SILENCE_MILLISECONDS = 5_000;

/**
 * Asks for a snapshot. Uses `node:http`, because it applies back-pressure and does not follow redirects.
 *
 * @throws if the answer is not 200
 */
export async function requestSnapshot(
  { url, prove, timeoutSeconds }: SnapshotEndpoint,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const { headers, form } = await prove();
  const body = new URLSearchParams(form).toString();
  const options = {
    // An assertion is a parameter of a form (RFC 7521 §4.2), which a GET does not have.
    method: body === '' ? 'GET' : 'POST',
    agent: false,
    timeout: SILENCE_MILLISECONDS,
    headers: { accept: SNAPSHOT_MEDIA_TYPE, ...headers, ...(body !== '' && headersOf(body)) },
    signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutSeconds * 1000)]),
  };
  return send(url, options, body);
}

const headersOf = (body: string) => ({
  'content-type': 'application/x-www-form-urlencoded',
  'content-length': String(Buffer.byteLength(body)),
});

function send(url: URL, options: RequestOptions, body: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const take = (response: IncomingMessage) => {
      if (response.statusCode === 200) return resolve(response);
      response.destroy();
      reject(new Error(rejection(response.statusCode)));
    };
    const { request: start } = url.protocol === 'https:' ? https : http;
    const request = start(url, options, take).once('error', reject);
    request.once('timeout', () =>
      request.destroy(new Error('the auth service stopped sending the snapshot')),
    );
    request.end(body);
  });
}

function rejection(status: number | undefined): string {
  const answer = `the auth service answered ${status ?? '?'} to a snapshot request`;
  if (status === 401 || status === 403)
    return `${answer}; check snapshot.clientId and snapshot.authentication`;
  return status === 404 ? `${answer}; check snapshot.url` : answer;
}
