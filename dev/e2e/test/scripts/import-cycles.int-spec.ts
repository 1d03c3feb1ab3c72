import { spawnSync } from 'node:child_process';

const SCRIPT = new URL('../../../scripts/import-cycles.mjs', import.meta.url);

/** The script is plain JavaScript, so it runs in a process of its own. */
function importCycles(imports: Record<string, string[]>): string[][] {
  const program = `
    import { importCycles } from '${SCRIPT.href}';
    const cycles = importCycles(new Map(Object.entries(${JSON.stringify(imports)})));
    console.log(JSON.stringify(cycles.map((cycle) => cycle.sort())));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    encoding: 'utf8',
  });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as string[][];
}

describe('the check of import cycles', () => {
  it('accepts modules that share a third one', () => {
    expect(importCycles({ a: ['c', 'b'], b: ['c'], c: [] })).toEqual([]);
  });

  it('names every module of a cycle, and no module that only reaches it', () => {
    expect(importCycles({ x: ['a'], a: ['b'], b: ['c', 'd'], c: ['a'], d: [] })).toEqual([
      ['a', 'b', 'c'],
    ]);
  });

  it('tells two cycles apart', () => {
    const imports = { a: ['b'], b: ['a', 'c'], c: ['d'], d: ['c'] };
    expect(importCycles(imports)).toHaveLength(2);
  });

  it('finds a module that imports itself', () => {
    expect(importCycles({ a: ['a'] })).toEqual([['a']]);
  });
});
