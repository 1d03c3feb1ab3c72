import { NotPossibleHereError } from '../../experiment.js';
import type { ControlGroups } from './control-groups.js';
import { openControlGroups } from './open-control-groups.js';

const groups = { name: 'cgroup v2' } as ControlGroups;

describe('openControlGroups', () => {
  it('returns the control groups', () => {
    expect(openControlGroups(() => groups)).toBe(groups);
  });

  it('says why there are none, and what to do', () => {
    const open = () =>
      openControlGroups(() => {
        throw new NotPossibleHereError('not so\nnor so');
      });
    expect(open).toThrow(NotPossibleHereError);
    for (const part of [
      '  not so\n  nor so\n',
      'Run it as root, or in a systemd scope',
      'systemd-run --user --scope -p Delegate=yes',
      'docker run --rm -it --init --privileged',
      'Nothing was measured',
    ])
      expect(open).toThrow(part);
  });

  it('does not hide other errors', () => {
    const broken = () => {
      throw new TypeError('a defect');
    };
    expect(() => openControlGroups(broken)).toThrow('a defect');
  });
});
