export {
  LIVE_EVENTS_PATH,
  type LiveIssuer,
  type LiveRevocation,
  type LiveStatus,
  type LiveTokens,
  type LiveVerifier,
} from './live-events.js';
export {
  CONTROL_KEY_HEADER,
  DEFAULT_FAULT_SECONDS,
  LONGEST_FAULT_SECONDS,
  type StackHop,
  type StackPart,
  type StackReplica,
  type StackReport,
  type StackUser,
} from './control.js';
