import { LatchkeyStack, type ProcessGroup, temporaryDirectory } from '@latchkey/local-stack';
import { createHash } from 'node:crypto';
import type { LoadedServer } from './loaded-server.js';
import { pin, processorMicroseconds, SERVER_CORE } from '@latchkey/load-generator';

export interface BenchClient {
  readonly id: string;
  readonly secret: string;
}

/** Starts the real auth service with its Postgres and NATS, and pins it to the server core. */
export async function startAuth(
  processes: ProcessGroup,
  client: BenchClient,
  onProgress: (message: string) => void,
): Promise<{ readonly server: LoadedServer; stop(): Promise<void> }> {
  const secretSha256 = createHash('sha256').update(client.secret).digest('hex');
  const clients = [{ clientId: client.id, secretSha256, scopes: ['orders:read'] }];
  const stack = await LatchkeyStack.start({
    processes,
    stateDirectory: temporaryDirectory(processes),
    preferredPorts: false,
    env: { auth: { OAUTH_CLIENTS: JSON.stringify(clients) } },
    onProgress,
  });
  await Promise.all(stack.verifyingReplicas.map((replica) => replica.stop()));
  const { pid, url } = stack.replicas.auth;
  if (pid === undefined) throw new Error('the auth service has ended');
  pin(SERVER_CORE, pid);
  const server: LoadedServer = {
    id: 'latchkey',
    label: 'auth service',
    url: `${url}/oauth/token`,
    cpuMicroseconds: () => Promise.resolve(processorMicroseconds(pid)),
  };
  return { server, stop: () => stack.stop() };
}
