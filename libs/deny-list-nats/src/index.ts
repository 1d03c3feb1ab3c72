export type {
  FeedEvent,
  FeedState,
  RevocationFeed,
  RevocationFeedOptions,
} from './feed-options.js';
export { createRevocationFeed } from './revocation-feed.js';
