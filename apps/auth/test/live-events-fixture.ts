import { LiveEvents } from '@latchkey/service-kit';

/** Live events as in a service whose `LIVE_EVENTS` is false. */
export const withoutLiveEvents = (): LiveEvents =>
  new LiveEvents({
    name: 'auth',
    enabled: false,
    responses: () => Promise.resolve({}),
    onError: () => undefined,
  });
