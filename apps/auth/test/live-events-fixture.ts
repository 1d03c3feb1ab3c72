import { LiveEvents } from '@latchkey/service-kit';

/** What a service without `LIVE_EVENTS` has. */
export const withoutLiveEvents = (): LiveEvents =>
  new LiveEvents({
    name: 'auth',
    enabled: false,
    responses: () => Promise.resolve({}),
    onError: () => undefined,
  });
