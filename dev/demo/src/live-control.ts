import {
  NatsProxies,
  stackHops,
  stackReplicas,
  StackFaults,
  startControlServer,
  type Account,
  type LatchkeyStack,
} from '@latchkey/local-stack';
import { join } from 'node:path';
import { whenStaleOf } from './when-stale.js';

const TOURING = 'The tour of npm start is still running. It takes a few seconds.';

/** Lets the console look at the stack and break its parts, and `--break` break one. */
export class LiveControl {
  /** To be started with the stack. */
  readonly proxies = new NatsProxies();
  #faults: StackFaults | undefined;
  #isTouring = true;
  #close: () => Promise<void> = () => this.proxies.close();

  constructor(private readonly checkout: string) {}

  /** @throws Error before {@link start} */
  get faults(): StackFaults {
    if (!this.#faults) throw new Error('the stack has not started');
    return this.#faults;
  }

  /** @returns the URL of the console's live view, with the secret of the control server */
  async start(stack: LatchkeyStack, users: readonly Account[]): Promise<string> {
    const faults = (this.#faults = new StackFaults(stack, this.proxies));
    const admin = { username: stack.admin.name, password: stack.admin.secret };
    const server = await startControlServer({
      faults,
      origin: new URL(stack.issuer).origin,
      hops: (token) => stackHops(stack, token),
      labReports: join(this.checkout, 'lab-reports'),
      report: () => ({
        issuer: stack.issuer,
        parts: faults.status,
        replicas: stackReplicas(stack, whenStaleOf),
        users: [
          ...users.map((user) => ({ ...user, isAdministrator: false })),
          { ...admin, isAdministrator: true },
        ],
        busy: this.#isTouring ? TOURING : null,
      }),
      onError: (error) => console.error(error),
    });
    this.#close = async () => {
      await server.close();
      await faults.close();
    };
    const { url: control, key } = server;
    return `${stack.issuer}/console/#/live?${new URLSearchParams({ control, key }).toString()}`;
  }

  /** From now on parts may be broken: before, that would fail the steps of the tour. */
  endTour(): void {
    this.#isTouring = false;
  }

  close(): Promise<void> {
    return this.#close();
  }
}
