import {
  NatsProxies,
  StackFaults,
  stackHops,
  stackReplicas,
  startControlServer,
  type Account,
  type LatchkeyStack,
} from '@latchkey/local-stack';
import type { StackReplica } from '@latchkey/contracts/live';
import { startStack } from './running-stack.js';
import { CONSOLE_DIRECTORY } from './shared-stack.js';

/** A stack as `npm start` has it: with live events, a control server, and services that differ while they are cut off. */
export interface ControlledStack {
  readonly stack: LatchkeyStack;
  /** The address of the live page, with the secret of the control server. */
  readonly liveUrl: string;
  readonly faults: StackFaults;
  close(): Promise<void>;
}

const WHEN_STALE: Readonly<Record<string, StackReplica['whenStale']>> = {
  inventory: 'ask',
  payments: 'refuse',
};

/** Starts one with these demo users, who must register themselves. A deny-list is stale after two seconds. */
export async function startControlledStack(users: readonly Account[]): Promise<ControlledStack> {
  const proxies = new NatsProxies();
  const running = await startStack({
    env: {
      all: { LIVE_EVENTS: 'true', MAX_STALENESS_SECONDS: '2' },
      auth: { CONSOLE_DIRECTORY },
      inventory: { WHEN_STALE: 'ask' },
      payments: { WHEN_STALE: 'refuse' },
    },
    sessionStore: 'redis',
    publishAheadSeconds: 1,
    route: proxies.route,
  });
  const { stack } = running;
  const faults = new StackFaults(stack, proxies);
  const { name: username, secret: password } = stack.admin;
  const control = await startControlServer({
    faults,
    hops: (token) => stackHops(stack, token),
    labReports: stack.logDirectory,
    origin: stack.issuer,
    preferredPorts: false,
    report: () => ({
      issuer: stack.issuer,
      parts: faults.status,
      replicas: stackReplicas(stack, (service) => WHEN_STALE[service] ?? 'accept'),
      users: [
        ...users.map((user) => ({ ...user, isAdministrator: false })),
        { username, password, isAdministrator: true },
      ],
      busy: null,
    }),
    onError: (error) => process.emitWarning(String(error)),
  });
  const address = new URLSearchParams({ control: control.url, key: control.key }).toString();
  return {
    ...{ stack, faults, liveUrl: `${stack.issuer}/console/#/live?${address}` },
    close: async () => {
      await control.close();
      await faults.close();
      await running.close();
    },
  };
}
