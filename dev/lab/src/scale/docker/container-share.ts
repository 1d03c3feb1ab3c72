import { processorMicroseconds } from '@latchkey/load-generator';
import { existsSync } from 'node:fs';
import type { CpuShare } from '../cpu-limits.js';
import { PERIOD_MICROSECONDS, quotaOf } from '../cpu-quota.js';
import type { ContainerLauncher } from './container-launcher.js';
import { docker } from './engine.js';

const NO_LIMIT = -1;

/** A part of a core for the one process that is added to it, and what it starts: the limit of its container. */
export class ContainerShare implements CpuShare {
  #held: { readonly container: string; readonly pid: number } | undefined;

  constructor(private readonly launcher: ContainerLauncher) {}

  add(pid: number): void {
    if (this.#held) throw new Error('a container has one process to be held');
    this.#held = {
      container: this.launcher.containerOf(pid),
      pid: this.launcher.processOf(pid),
    };
  }

  /** `--cpus` stands for the same quota, but per 100 ms. */
  limitTo(cores: number): void {
    this.#update(quotaOf(cores));
  }

  lift(): void {
    this.#update(NO_LIMIT);
  }

  usedMicroseconds(): number {
    const { container, pid } = this.#one();
    const used = processorMicroseconds(pid);
    if (used === undefined) throw new Error(`the process of ${container} has ended`);
    return used;
  }

  /** The container itself ends with its process. */
  remove(): void {
    if (this.#held && existsSync(`/proc/${this.#held.pid}`)) this.lift();
    this.#held = undefined;
  }

  #update(quota: number): void {
    const limit = ['--cpu-period', String(PERIOD_MICROSECONDS), '--cpu-quota', String(quota)];
    docker(['update', ...limit, this.#one().container]);
  }

  #one() {
    if (!this.#held) throw new Error('nothing was added to this share');
    return this.#held;
  }
}
