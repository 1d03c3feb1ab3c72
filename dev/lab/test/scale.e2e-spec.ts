import { ProcessGroup } from '@latchkey/local-stack';
import { NotPossibleHereError, type Laboratory } from '../src/experiment.js';
import { openControlGroups } from '../src/scale/control-groups/open-control-groups.js';
import type { ScaledArchitecture } from '../src/scale/scale-report.js';
import { scale } from '../src/scale/scale.js';

const processes = new ProcessGroup();
afterAll(() => processes.close());

function replicasCanBeHeld(): boolean {
  try {
    openControlGroups().close();
    return true;
  } catch (error) {
    if (error instanceof NotPossibleHereError) return false;
    throw error;
  }
}

/** Starts and warms up more than ten services, which takes minutes on a busy machine. */
const LONGEST_MILLISECONDS = 300_000;
const possible = replicasCanBeHeld();
const ids = (architectures: readonly ScaledArchitecture[]) => architectures.map(({ id }) => id);

describe('the scale experiment', () => {
  const printed: string[] = [];
  const laboratory: Laboratory = {
    options: { checkout: '', quick: true },
    processes,
    interrupted: new AbortController().signal,
    onProgress: () => undefined,
    print: (line) => printed.push(line),
  };

  if (possible)
    it(
      'measures and fits',
      async () => {
        const { held, report } = await scale(laboratory);
        expect(held ? 'held' : printed.join('\n')).toBe('held');
        expect(report).toMatchObject({
          passes: 1,
          replicaShare: 0.03,
          sharedShare: 0.03,
        });
        expect(report.heldBy).toBe('cgroup v2');
        const { architectures } = report;
        expect(ids(architectures)).toEqual(['jwt', 'session-redis']);
        for (const { points, fit, shared } of architectures) {
          expect(points.map(({ replicas }) => replicas)).toEqual([1, 2, 4]);
          for (const { perSecond, replicaUse, sharedUse } of points) {
            expect(perSecond.median).toBeGreaterThan(0);
            expect(replicaUse.median).toBeGreaterThan(0);
            if (shared === undefined) expect(sharedUse).toBeUndefined();
            else expect(sharedUse?.median).toBeGreaterThan(0);
          }
          expect(fit.lambda).toBeGreaterThan(0);
        }
        const laws = printed.filter((line) =>
          line.startsWith('Universal Scalability Law, up to 4'),
        );
        expect(laws).toHaveLength(2);
      },
      LONGEST_MILLISECONDS,
    );
  else
    it('says what it needs before it starts anything', async () => {
      await expect(scale(laboratory)).rejects.toThrow(/Run it as root[^]*Nothing was measured/);
      expect(printed).toEqual([]);
    });
});
