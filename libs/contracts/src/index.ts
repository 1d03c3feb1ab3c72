export * from './access-token.js';
export * from './feed-subjects.js';
export * from './http-headers.js';
export * from './problem.js';
export * from './receipts.js';
export * from './revocation-event.js';
export * from './revocation.js';
export * from './snapshot.js';
