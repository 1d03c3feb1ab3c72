import { DenyList } from '@latchkey/deny-list';
import { createRevocationFeed, eventVerifier, snapshotVerifier } from '@latchkey/deny-list-nats';
import { createVerifier } from '@latchkey/verifier';
import type { Started, StartRequest } from './start-messages.js';

const BYTES_PER_KIBIBYTE = 1_024;

async function start({ issuer, feed: connection, revoked, alive }: StartRequest): Promise<Started> {
  const denyList = new DenyList();
  const verifier = createVerifier({
    issuer,
    audience: 'orders',
    revocations: denyList,
    whenStale: 'refuse',
  });
  let snapshot = { entries: 0, milliseconds: 0 };
  const feed = createRevocationFeed({
    ...connection,
    denyList,
    verifyEvent: eventVerifier(verifier),
    verifySnapshot: snapshotVerifier(verifier),
    onEvent: (event) => {
      if (event.type === 'snapshot') snapshot = event;
    },
  });
  global.gc?.();
  const before = process.memoryUsage().rss;
  const startedAt = performance.now();
  await Promise.all([verifier.loadKeys(), feed.start()]);
  const readyMilliseconds = performance.now() - startedAt;
  const peak = process.resourceUsage().maxRSS * BYTES_PER_KIBIBYTE;
  global.gc?.();
  const denied = (sessionId: string) =>
    denyList.isRevoked({ issuer, subject: '', sessionId, issuedAt: Infinity, keyId: '' });
  const started: Started = {
    readyMilliseconds,
    snapshotMilliseconds: snapshot.milliseconds,
    entries: snapshot.entries,
    listBytes: denyList.bytes,
    residentGrowthBytes: process.memoryUsage().rss - before,
    residentPeakBytes: peak - before,
    right: denied(revoked) && !denied(alive),
  };
  await feed.close();
  verifier.close();
  return started;
}

process.on('message', (request: StartRequest) => {
  start(request).then(
    (started) => process.send?.({ started }),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
process.on('disconnect', () => process.exit());
