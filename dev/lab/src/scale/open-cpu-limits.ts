import type { Launcher } from '@latchkey/local-stack';
import { NotPossibleHereError } from '../experiment.js';
import { ControlGroups } from './control-groups/control-groups.js';
import type { CpuLimits } from './cpu-limits.js';
import { Containers } from './docker/containers.js';

/** In the order in which they are tried: control groups of our own need no engine and nothing around a process. */
const WAYS: readonly ((launcher: Launcher) => CpuLimits)[] = [
  (launcher) => ControlGroups.open(launcher),
  (launcher) => Containers.open(launcher),
];

/** @throws {NotPossibleHereError} that says why, and what to do */
export function openCpuLimits(launcher: Launcher, ways = WAYS): CpuLimits {
  const refusals: string[] = [];
  for (const open of ways) {
    try {
      return open(launcher);
    } catch (error) {
      if (!(error instanceof NotPossibleHereError)) throw error;
      refusals.push(error.message);
    }
  }
  throw new NotPossibleHereError(whyNot(refusals));
}

function whyNot(refusals: readonly string[]): string {
  return [
    'scale holds every replica to a small part of a core, with control groups of its own or with Docker (Linux), and here neither can be had:',
    ...refusals.flatMap((refusal) => refusal.split('\n')).map((line) => `  ${line}`),
    'Run it as root, or with a Docker engine on this machine, or where systemd delegates the processor to you, in a scope of your own:',
    '  systemd-run --user --scope -p Delegate=yes npm run lab -- scale',
    'or, where Docker has a machine of its own (macOS, Windows), all of it in one container that may make groups:',
    '  docker build --target lab -t latchkey-lab .',
    '  docker run --rm -it --init --privileged -v "$PWD/lab-reports:/latchkey/lab-reports" latchkey-lab scale',
    'Nothing was measured: without such limits all figures would be those of this one machine.',
  ].join('\n');
}
