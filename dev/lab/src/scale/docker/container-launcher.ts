import type { Launcher, LaunchOptions } from '@latchkey/local-stack';
import type { ChildProcess } from 'node:child_process';
import { withSurroundings } from './config.js';
import { containerCommand, machineMounts } from './container-command.js';
import { docker, removeContainers } from './engine.js';

/**
 * Starts each process in a container of its own. What it returns is the `docker` that waits for it,
 * which hands on signals and output, and ends as it ends.
 */
export class ContainerLauncher implements Launcher {
  readonly #mounts = machineMounts();
  readonly #containers = new Map<number, string>();
  #started = 0;

  /** @param prefix of the containers' names */
  constructor(
    private readonly launcher: Launcher,
    private readonly container: Readonly<Record<'image' | 'prefix' | 'label', string>>,
  ) {}

  spawn(command: string, args: readonly string[], options: LaunchOptions = {}): ChildProcess {
    const { env, cwd = '/', uid, gid, ...others } = options;
    const { image, prefix, label } = this.container;
    const surroundings = withSurroundings(env);
    const name = `${prefix}${++this.#started}`;
    const run = containerCommand({
      ...{ image, name, label, command, args, mounts: this.#mounts },
      variables: Object.keys(env ?? surroundings), // as a process: all of them where none is given
      workingDirectory: cwd.toString(),
      uid: uid ?? process.getuid!(),
      gid: gid ?? process.getgid!(),
    });
    const child = this.launcher.spawn('docker', run, { ...others, env: surroundings });
    if (child.pid !== undefined) this.#containers.set(child.pid, name);
    // What can be handed on is; of this signal the container hears nothing.
    child.once('exit', (_, signal) => {
      if (signal === 'SIGKILL') removeContainers(`name=^/${name}$`);
    });
    return child;
  }

  removeAtEnd(directory: string): void {
    this.launcher.removeAtEnd(directory);
  }

  /** @throws Error when no container was started as this process */
  containerOf(pid: number): string {
    const container = this.#containers.get(pid);
    if (container === undefined) throw new Error(`process ${pid} is not one that was started here`);
    return container;
  }

  /** The process inside. */
  processOf(pid: number): number {
    return Number(docker(['inspect', '--format', '{{.State.Pid}}', this.containerOf(pid)]));
  }
}
