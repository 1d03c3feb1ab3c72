import type { Launcher } from '@latchkey/local-stack';
import type { ChildProcess } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Reply, Request, VerifiersOptions } from './messages.js';

const ENTRY = fileURLToPath(new URL('./verifiers-process.js', import.meta.url));
/** Above this number, verifiers in one process would wait for each other more than for the network. */
const MOST_PER_PROCESS = 500;

/** Many verifiers, in as few processes as possible. */
export class VerifierFleet {
  private constructor(
    readonly size: number,
    private readonly children: readonly ChildProcess[],
  ) {}

  static async start(
    processes: Launcher,
    size: number,
    options: Omit<VerifiersOptions, 'count'>,
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
        return send(child, { type: 'start', options: { ...options, count: share } }, (done) => {
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

  /** Resolves once every verifier has accepted the token; its `moments` are the times of the refusals. */
  watch(token: string): Promise<Collection> {
    return this.#collect({ type: 'watch', token });
  }

  /** Resolves once all plain connections wait for a message; its `moments` are the times of receipt. */
  listen(): Promise<Collection> {
    return this.#collect({ type: 'listen' });
  }

  async stop(): Promise<void> {
    await Promise.all(this.children.map((child) => send(child, { type: 'leave' })));
    for (const child of this.children) child.kill('SIGKILL');
  }

  async #collect(request: Request): Promise<Collection> {
    const replies = this.children.map((child) => reply(child, 'moments'));
    const moments = Promise.all(replies).then((all) => all.flatMap((each) => each.moments));
    // Failures also reject the request below.
    moments.catch(() => undefined);
    await Promise.all(this.children.map((child) => send(child, request)));
    return { moments };
  }
}

/** Wraps a promise, because `await` would unwrap a promise of a promise. */
export interface Collection {
  readonly moments: Promise<number[]>;
}

async function send(
  child: ChildProcess,
  request: Request,
  onProgress?: (started: number) => void,
): Promise<void> {
  const done = reply(child, 'ready', onProgress);
  child.send(request);
  await done;
}

/** @throws Error if the process reports a failure or ends */
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
    const onExit = () =>
      settle(() => reject(new Error('a process of verifiers ended unexpectedly')));
    const onMessage = (message: Reply) => {
      if (message.type === 'progress') onProgress(message.started);
      if (message.type === 'failed') settle(() => reject(new Error(message.message)));
      if (message.type === type) settle(() => resolve(message as Extract<Reply, { type: Type }>));
    };
    child.on('message', onMessage).once('exit', onExit);
  });
}
