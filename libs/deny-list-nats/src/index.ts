export { eventVerifier, snapshotVerifier, type SignedEventVerifier } from './event-verifiers.js';
export type {
  FeedEvent,
  FeedState,
  RevocationFeed,
  RevocationFeedOptions,
  WarningSource,
} from './feed-options.js';
export type { FeedPhase } from './feed-machine.js';
export { FeedWarnings } from './feed-warnings.js';
export { createRevocationFeed } from './revocation-feed.js';
export type { SnapshotSource } from './snapshot-source.js';
