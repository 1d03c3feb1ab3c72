import { readdirSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** The engine gives a container its own. */
const NOT_MOUNTED: readonly string[] = ['dev', 'proc', 'sys'];

export interface ContainerCommand {
  readonly image: string;
  /** Of the container. */
  readonly name: string;
  /** `key=value`. */
  readonly label: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Names of the variables to be passed on: a value on a command line is everybody's to read. */
  readonly variables: readonly string[];
  readonly workingDirectory: string;
  readonly uid: number;
  readonly gid: number;
  /** Directory of this machine, by where it is in the container. */
  readonly mounts: ReadonlyMap<string, string>;
}

/**
 * Arguments of `docker` that run a program as if there were no container, but for its limit: the
 * same files, network, process numbers and account.
 */
export function containerCommand(container: ContainerCommand): string[] {
  const { image, name, label, command, args, variables, workingDirectory } = container;
  return [
    ...['run', '--rm', '--name', name, '--label', label, '--log-driver', 'none'],
    ...['--network', 'host', '--pid', 'host', '--ipc', 'host'],
    ...['--user', `${container.uid}:${container.gid}`],
    // SELinux would keep the machine's files from it.
    ...['--security-opt', 'no-new-privileges', '--security-opt', 'label=disable'],
    ...variables.flatMap((variable) => ['--env', variable]),
    ...[...container.mounts].flatMap(([target, source]) => [
      '--mount',
      `type=bind,source=${source},target=${target}`,
    ]),
    ...['--workdir', workingDirectory, image, command, ...args],
  ];
}

/** Whatever is at the top of this machine's files, links followed: `/bin` is `/usr/bin` on many. */
export function machineMounts(top = '/'): Map<string, string> {
  const mounts = new Map<string, string>();
  for (const name of readdirSync(top)) {
    const path = join(top, name);
    if (NOT_MOUNTED.includes(name)) continue;
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory())
      mounts.set(join('/', name), realpathSync(path));
  }
  return mounts;
}
