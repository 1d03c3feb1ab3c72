import { LatchkeyStack, temporaryDirectory } from '@latchkey/local-stack';
import type { Laboratory } from './experiment.js';

/** Starts auth with its database and broker, without the other services. */
export async function startAuthOnlyStack({
  processes,
  onProgress,
}: Pick<Laboratory, 'processes' | 'onProgress'>): Promise<LatchkeyStack> {
  const stack = await LatchkeyStack.start({
    processes,
    onProgress,
    stateDirectory: temporaryDirectory(processes),
    preferredPorts: false,
    env: {
      all: { LOG_LEVEL: 'warn' },
      // Revocations from the beginning of a run must not expire before its end.
      auth: { SESSIONS_PER_ACCOUNT: '1000', ACCESS_TOKEN_LIFETIME_SECONDS: '3600' },
    },
  });
  await Promise.all(stack.verifyingReplicas.map((replica) => replica.stop()));
  return stack;
}
