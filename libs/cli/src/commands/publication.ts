import type { Publication } from '../auth/auth-api.js';

/** Says whether every service knows of what was done. */
export const published = (done: string, publication: Publication): string =>
  publication.published
    ? `${done} It was published to every service.`
    : `${done} It is recorded, but not published yet, because auth cannot reach NATS: services may ` +
      `accept access tokens for up to ${publication.accessTokensMayLiveSeconds} s, or until NATS is back.`;

/** A time as a table shows it. */
export const time = (iso: string | undefined): string => iso?.replace(/\.\d+Z$/, 'Z') ?? '';

/** A list that comes as a whole, as the only page. */
export async function* onePage<Item>(
  list: Promise<readonly Item[]>,
): AsyncGenerator<readonly Item[]> {
  yield await list;
}
