import type { Launcher } from '@latchkey/local-stack';
import type { ChildProcess } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Order, Reply, VerifiersSetting } from './messages.js';

const ENTRY = fileURLToPath(new URL('./verifiers-process.js', import.meta.url));
/** More in one process would wait for each other more than for the network. */
const MOST_PER_PROCESS = 500;

/** So many verifiers, in as few children as that takes. */
export class VerifierFleet {
  private constructor(
    readonly size: number,
    private readonly children: readonly ChildProcess[],
  ) {}

  static async start(
    processes: Launcher,
    size: number,
    setting: Omit<VerifiersSetting, 'count'>,
    onProgress: (started: number) => void,
  ): Promise<VerifierFleet> {
    const wanted = Math.ceil(size / MOST_PER_PROCESS);
    const count = Math.min(size, Math.max(wanted, Math.min(2, availableParallelism())));
    const children = Array.from({ length: count }, () =>
      processes.spawn(process.execPath, ['--no-warnings', ENTRY], {
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      }),
    );
    const fleet = new VerifierFleet(size, children);
    const started = children.map(() => 0);
    await Promise.all(
      children.map((child, index) => {
        const share = Math.floor((size * (index + 1)) / count) - Math.floor((size * index) / count);
        return order(child, { type: 'start', setting: { ...setting, count: share } }, (done) => {
          started[index] = done;
          onProgress(started.reduce((sum, each) => sum + each, 0));
        });
      }),
    );
    return fleet;
  }

  get processCount(): number {
    return this.children.length;
  }

  /** Resolves once every verifier has accepted the token; `moments` when each has refused it. */
  watch(token: string): Promise<Collection> {
    return this.#collect({ type: 'watch', token });
  }

  /** Resolves once all plain connections wait for a message; `moments` when each has received it. */
  listen(): Promise<Collection> {
    return this.#collect({ type: 'listen' });
  }

  async stop(): Promise<void> {
    await Promise.all(this.children.map((child) => order(child, { type: 'leave' })));
    for (const child of this.children) child.kill('SIGKILL');
  }

  async #collect(what: Order): Promise<Collection> {
    const replies = this.children.map((child) => reply(child, 'moments'));
    const moments = Promise.all(replies).then((all) => all.flatMap((each) => each.moments));
    // What goes wrong with the order is told by the order.
    moments.catch(() => undefined);
    await Promise.all(this.children.map((child) => order(child, what)));
    return { moments };
  }
}

/** In an object, since a promise for a promise would be waited for as one. */
export interface Collection {
  readonly moments: Promise<number[]>;
}

async function order(
  child: ChildProcess,
  what: Order,
  onProgress?: (started: number) => void,
): Promise<void> {
  const done = reply(child, 'ready', onProgress);
  child.send(what);
  await done;
}

/** @throws Error when the process says that it failed, or ends */
function reply<Type extends Reply['type']>(
  child: ChildProcess,
  type: Type,
  onProgress: (started: number) => void = () => undefined,
): Promise<Extract<Reply, { type: Type }>> {
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void) => {
      child.off('message', onMessage).off('exit', onExit);
      finish();
    };
    const onExit = () => settle(() => reject(new Error('a process of verifiers ended')));
    const onMessage = (message: Reply) => {
      if (message.type === 'progress') onProgress(message.started);
      if (message.type === 'failed') settle(() => reject(new Error(message.message)));
      if (message.type === type) settle(() => resolve(message as Extract<Reply, { type: Type }>));
    };
    child.on('message', onMessage).once('exit', onExit);
  });
}
