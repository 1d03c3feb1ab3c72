export {
  LIVE_EVENTS_PATH,
  type LiveIssuer,
  type LiveRevocation,
  type LiveStatus,
  type LiveTokens,
  type LiveVerifier,
} from './live-events.js';
