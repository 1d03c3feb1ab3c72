import { LatchkeyStack, type Leash, temporaryDirectory } from '@latchkey/local-stack';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { LoadedServer } from './loaded-server.js';
import { pin, SERVER_CORE } from './pinning.js';

export interface BenchClient {
  readonly id: string;
  readonly secret: string;
}

/** `utime` and `stime` are the 14th and 15th field of /proc/<pid>/stat, in hundredths of a second. */
const [UTIME, STIME] = [11, 12];
const MICROSECONDS_PER_TICK = 10_000;

/** The real auth service with its Postgres and NATS, held to the server's core. */
export async function startAuth(
  leash: Leash,
  client: BenchClient,
  onProgress: (message: string) => void,
): Promise<{ readonly server: LoadedServer; stop(): Promise<void> }> {
  const secretSha256 = createHash('sha256').update(client.secret).digest('hex');
  const clients = [{ clientId: client.id, secretSha256, scopes: ['orders:read'] }];
  const stack = await LatchkeyStack.start({
    leash,
    stateDirectory: temporaryDirectory(leash),
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
    cpuMicroseconds: () => Promise.resolve(cpuMicrosecondsOf(pid)),
  };
  return { server, stop: () => stack.stop() };
}

/** Undefined where there is no /proc. */
function cpuMicrosecondsOf(pid: number): number | undefined {
  if (process.platform !== 'linux') return undefined;
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  // The second field is the command in parentheses, which may hold spaces; the third comes after.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[UTIME]) + Number(fields[STIME])) * MICROSECONDS_PER_TICK;
}
