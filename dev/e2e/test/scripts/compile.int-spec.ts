import { rmSync, statSync } from 'node:fs';
import { CheckoutCopy } from '../../src/checkout-copy.js';

const SOURCE = 'libs/verifier/src/scope-set.ts';
const OUTPUT = 'libs/verifier/dist/scope-set.js';
const DEPENDENCY = 'libs/contracts/dist/backoff.js';

describe('the compilation', () => {
  let checkout: CheckoutCopy;
  beforeAll(() => {
    checkout = new CheckoutCopy(['dev/scripts', 'libs', 'apps/auth', 'tsconfig.json']);
    for (const folder of ['libs/verifier/dist', 'libs/contracts/dist'])
      rmSync(checkout.path(folder), { recursive: true, force: true });
  });
  afterAll(() => checkout.remove());

  const compile = (...folders: string[]) => checkout.run('dev/scripts/compile.mjs', ...folders);
  const compiled = async () => {
    expect(await compile('libs/verifier')).toEqual({ status: 0, output: '' });
  };
  const writtenAt = (file: string) => statSync(checkout.path(file)).mtimeMs;

  it('writes a project and what it refers to, with source maps, but no tests', async () => {
    await compiled();
    expect(checkout.read(OUTPUT)).toMatch(/\n\/\/# sourceMappingURL=scope-set\.js\.map\n$/);
    expect(JSON.parse(checkout.read(`${OUTPUT}.map`))).toMatchObject({
      sources: ['../src/scope-set.ts'],
    });
    expect(checkout.exists(DEPENDENCY)).toBe(true);
    expect(checkout.exists('libs/verifier/dist/scope-set.spec.js')).toBe(false);
  });

  it('writes again what has changed, and only that', async () => {
    await compiled();
    const [output, dependency] = [writtenAt(OUTPUT), writtenAt(DEPENDENCY)];
    await compiled();
    expect(writtenAt(OUTPUT)).toBe(output);

    const source = checkout.read(SOURCE);
    checkout.write(SOURCE, `${source}export const added = 1;\n`);
    checkout.write('libs/verifier/src/passing.ts', 'export const passing: number = 1;\n');
    await compiled();
    expect(checkout.read(OUTPUT)).toContain('export const added = 1;');
    expect(checkout.read('libs/verifier/dist/passing.js')).toContain('export const passing = 1;');
    expect(writtenAt(DEPENDENCY)).toBe(dependency);

    checkout.write(SOURCE, source);
    rmSync(checkout.path('libs/verifier/src/passing.ts'));
    await compiled();
    expect(checkout.read(OUTPUT)).not.toContain('added');
    expect(checkout.exists('libs/verifier/dist/passing.js')).toBe(false);
    expect(checkout.exists('libs/verifier/dist/passing.js.map')).toBe(false);
  });

  it('copies the data that a project imports', async () => {
    expect(await compile('apps/auth')).toEqual({ status: 0, output: '' });
    const list = 'accounts/passwords/common-passwords.json';
    expect(checkout.read(`apps/auth/dist/${list}`)).toBe(checkout.read(`apps/auth/src/${list}`));
  });

  it('says which line cannot be read, and compiles once that is mended', async () => {
    const source = checkout.read(SOURCE);
    checkout.write(SOURCE, `${source}export const = 1;\n`);
    for (const attempt of [1, 2]) {
      const { status, output } = await compile('libs/verifier');
      expect([attempt, status]).toEqual([attempt, 1]);
      expect(output).toContain('The source does not compile:');
      expect(output).toContain(SOURCE);
      expect(output).toContain('export const = 1;');
    }
    checkout.write(SOURCE, source);
    await compiled();
  });

  it('reports a folder that is not a project', async () => {
    const { status, output } = await compile('libs/unknown');
    expect(status).toBe(1);
    expect(output).toContain('libs/unknown is not a project');
    expect(output).not.toContain('    at ');
  });
});
