import { NotPossibleHereError } from '../../experiment.js';
import { ControlGroups } from './control-groups.js';

/** @throws {NotPossibleHereError} that says why, and what to do */
export function openControlGroups(open = () => ControlGroups.open()): ControlGroups {
  try {
    return open();
  } catch (error) {
    if (!(error instanceof NotPossibleHereError)) throw error;
    throw new NotPossibleHereError(advice(error.message));
  }
}

function advice(reasons: string): string {
  return [
    'This experiment holds each replica to a small part of a core with control groups (Linux, cgroup v2), and they cannot be used here:',
    ...reasons.split('\n').map((line) => `  ${line}`),
    'Run it as root, or in a systemd scope that delegates the cpu controller to you:',
    '  systemd-run --user --scope -p Delegate=yes npm run lab -- scale',
    'Or run the whole lab in a container that may create control groups (also on macOS and Windows):',
    '  docker build --target lab -t latchkey-lab .',
    '  docker run --rm -it --init --privileged -v "$PWD/lab-reports:/latchkey/lab-reports" latchkey-lab scale',
    'Nothing was measured: without these limits the figures would only show how many cores this machine has.',
  ].join('\n');
}
