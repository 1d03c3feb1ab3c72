import { LatchkeyStack, temporaryDirectory } from '@latchkey/local-stack';
import type { Laboratory } from './experiment.js';

/** Auth with its database and its broker; the services of the shop would only be in the way. */
export async function startAuthAlone({
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
      // What was revoked first is still to be looked for at the end.
      auth: { SESSIONS_PER_ACCOUNT: '1000', ACCESS_TOKEN_LIFETIME_SECONDS: '3600' },
    },
  });
  await Promise.all(stack.verifyingReplicas.map((replica) => replica.stop()));
  return stack;
}
