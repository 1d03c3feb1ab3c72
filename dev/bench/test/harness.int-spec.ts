import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { GroupResult } from '../src/figures.js';
import { measureFirstSight } from '../src/groups/first-sight.js';
import { measureIssueInProcess } from '../src/groups/issue.js';
import { GROUPS } from '../src/groups.js';
import { reportGroup } from '../src/report.js';
import { measureSeenBefore } from '../src/groups/seen-before.js';
import { formatTable } from '../src/table.js';
import { makeTokenPool, type TokenPool } from '../src/token-pool.js';

const size = {
  rounds: 2,
  warmUpRounds: 1,
  firstSightTokens: 20,
  seenBeforePasses: 1,
  revocations: 1_000,
  issuedPerRound: 5,
};

describe('a group of measurements', () => {
  let pool: TokenPool;
  beforeAll(async () => {
    pool = await makeTokenPool(50);
  });

  const MEASURES = [
    ['first-sight', measureFirstSight, 'latchkey/limit'],
    ['seen-before', measureSeenBefore, 'latchkey-revocations/fast-jwt'],
    ['issue', measureIssueInProcess, 'latchkey/limit'],
  ] as const;

  it.each(MEASURES)(
    '%s has a figure for each contender and round',
    async (name, measure, ratio) => {
      const group: GroupResult = await measure(size, pool);
      expect(group.name).toBe(name);
      for (const { samples } of [...group.figures, ...group.ratios]) {
        expect(samples).toHaveLength(size.rounds);
        for (const sample of samples) expect(sample).toBeGreaterThan(0);
      }
      expect(group.ratios).toContainEqual(expect.objectContaining({ id: ratio }));
      expect(reportGroup(group).ratios[0]).toMatchObject({ met: expect.any(Boolean) });
      expect(formatTable(group)).toMatch(/: (met|\*\*not met\*\*)/);
    },
  );
});

describe('npm run bench', () => {
  const bench = fileURLToPath(new URL('../../scripts/bench.mjs', import.meta.url));
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [bench, ...args], { encoding: 'utf8' });

  it('lists every group in --help', () => {
    const { status, stdout } = run('--help');
    expect(status).toBe(0);
    expect(stdout).toContain(
      `one of ${GROUPS.map(({ name }) => name)
        .sort()
        .join(', ')}`,
    );
  });

  it.each([
    [['--only', 'everything'], "Unknown group 'everything'"],
    [['--rounds', '0'], "'0' is not a whole number from 1 to 1000"],
    [['--update-docs', '--quick'], 'needs a full run'],
    [['--json', '/nowhere/at/all.json'], 'cannot be written'],
    [['--fast'], 'Usage: npm run bench'],
  ])('exits with 2 for %j', (args, message) => {
    const { status, stderr } = run(...args);
    expect(stderr).toContain(message);
    expect(status).toBe(2);
  });
});
