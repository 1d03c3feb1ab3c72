export type {
  FeedEvent,
  FeedState,
  RevocationFeed,
  RevocationFeedOptions,
} from './feed-options.js';
export { FeedTroubles } from './feed-troubles.js';
export { createRevocationFeed } from './revocation-feed.js';
export type { SnapshotSource } from './snapshot-download.js';
