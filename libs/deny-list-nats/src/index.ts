export type {
  FeedEvent,
  FeedState,
  RevocationFeed,
  RevocationFeedOptions,
} from './feed-options.js';
export { FeedWarnings } from './feed-warnings.js';
export { createRevocationFeed } from './revocation-feed.js';
export type { SnapshotSource } from './snapshot-download.js';
