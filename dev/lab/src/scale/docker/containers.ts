import type { Launcher } from '@latchkey/local-stack';
import { existsSync } from 'node:fs';
import { NotPossibleHereError } from '../../experiment.js';
import type { CpuLimits, CpuShare } from '../cpu-limits.js';
import { ContainerLauncher } from './container-launcher.js';
import { ContainerShare } from './container-share.js';
import { docker, printed, removeContainers } from './engine.js';
import { emptyImage } from './image.js';
import { assertSameMachine } from './same-machine.js';

/** Its value is the pid of the run. */
const LABEL = 'latchkey-lab';

/** Containers of this run, one around each process, that do nothing but hold it. */
export class Containers implements CpuLimits {
  private constructor(
    readonly name: string,
    readonly launcher: ContainerLauncher,
    private readonly shares: ContainerShare[] = [],
  ) {
    process.once('exit', () => removeContainers(`label=${LABEL}=${process.pid}`));
  }

  /** @throws {NotPossibleHereError} that says why */
  static open(launcher: Launcher): Containers {
    if (process.platform !== 'linux') throw new NotPossibleHereError('Docker: this is not Linux');
    const info = docker(['info', '--format', '{{.CPUCfsQuota}} {{.ServerVersion}}']);
    const [canLimit, version] = info.split(' ');
    if (canLimit !== 'true')
      throw new NotPossibleHereError('Docker cannot limit processor time here');
    const image = emptyImage();
    const label = `${LABEL}=${process.pid}`;
    assertSameMachine(image, label);
    removeContainersOfTheDead(); // by pids, which are those of this machine
    const container = { image, prefix: `${LABEL}-${process.pid}-`, label };
    return new Containers(`Docker ${version}`, new ContainerLauncher(launcher, container));
  }

  processOf(pid: number): number {
    return this.launcher.processOf(pid);
  }

  share(_name: string): CpuShare {
    const share = new ContainerShare(this.launcher);
    this.shares.push(share);
    return share;
  }

  close(): void {
    for (const share of this.shares) share.remove();
  }
}

/** Of runs that could not do it themselves. */
function removeContainersOfTheDead(): void {
  const pids = printed([
    'ps',
    '--all',
    '--filter',
    `label=${LABEL}`,
    '--format',
    `{{.Label "${LABEL}"}}`,
  ]);
  for (const pid of new Set(pids))
    if (!existsSync(`/proc/${pid}`)) removeContainers(`label=${LABEL}=${pid}`);
}
