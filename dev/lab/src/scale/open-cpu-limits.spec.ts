import type { Launcher } from '@latchkey/local-stack';
import { NotPossibleHereError } from '../experiment.js';
import type { CpuLimits } from './cpu-limits.js';
import { openCpuLimits } from './open-cpu-limits.js';

const launcher: Launcher = {
  spawn: () => {
    throw new Error('started');
  },
  removeAtEnd: () => undefined,
};
const limits = { name: 'limits', launcher } as CpuLimits;
const refusing = (message: string) => () => {
  throw new NotPossibleHereError(message);
};

describe('openCpuLimits', () => {
  it('takes the first way that is possible', () => {
    const beyond = () => {
      throw new Error('asked');
    };
    expect(openCpuLimits(launcher, [refusing('not so'), () => limits, beyond])).toBe(limits);
  });

  it('says of each way why not, and what to do', () => {
    const open = () => openCpuLimits(launcher, [refusing('not so\nnor so'), refusing('nor thus')]);
    expect(open).toThrow(NotPossibleHereError);
    for (const part of [
      '  not so\n  nor so\n  nor thus\n',
      'Run it as root, or with a Docker engine',
      'systemd-run --user --scope -p Delegate=yes',
      'docker run --rm -it --init --privileged',
      'Nothing was measured',
    ])
      expect(open).toThrow(part);
  });

  it('hides no other error', () => {
    const broken = () => {
      throw new TypeError('a defect');
    };
    expect(() => openCpuLimits(launcher, [broken, () => limits])).toThrow('a defect');
  });
});
