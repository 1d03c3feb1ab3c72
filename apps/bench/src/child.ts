import { fork, spawnSync, type ChildProcess } from 'node:child_process';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';

/** Whether processes can be held to a core here. */
export const CAN_PIN =
  process.platform === 'linux' &&
  cpus().length > 1 &&
  spawnSync('taskset', ['-c', '0', 'true']).status === 0;

/** A process of this benchmark that answers each message with one. */
export class Child {
  private constructor(private readonly process: ChildProcess) {}

  /**
   * @param module beside this one, without its ending
   * @param core that it is held to, where that is possible
   */
  static start(module: string, core?: number, nodeFlags: readonly string[] = []): Child {
    const path = fileURLToPath(new URL(`${module}.js`, import.meta.url));
    const pinned = core !== undefined && CAN_PIN;
    return new Child(
      fork(path, {
        ...(pinned
          ? { execPath: 'taskset', execArgv: ['-c', String(core), process.execPath, ...nodeFlags] }
          : { execArgv: [...nodeFlags] }),
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      }),
    );
  }

  /** @throws Error when the process ends instead of answering */
  ask<Reply extends { type: string }>(
    request: object,
    type: Reply['type'],
    onOther: (reply: { type: string }) => void = () => undefined,
  ): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const onExit = (code: number | null) => reject(new Error(`a process ended with ${code}`));
      const onMessage = (reply: Reply) => {
        if (reply.type !== type) return onOther(reply);
        this.process.off('exit', onExit).off('message', onMessage);
        resolve(reply);
      };
      this.process.on('message', onMessage).once('exit', onExit);
      this.process.send(request);
    });
  }

  stop(): void {
    this.process.kill('SIGKILL');
  }
}
