import { statSync } from 'node:fs';
import { CheckoutCopy } from '../../src/checkout-copy.js';

const COPIED = [
  ...['apps/console', 'dev/local-stack/reaper', 'dev/scripts', 'libs'],
  ...['package.json', 'package-lock.json', 'tsconfig.base.json'],
];
const TEXTS = 'apps/console/src/texts/shell.ts';
const PAGE = 'apps/console/dist/index.html';

describe('the build of the console', () => {
  let checkout: CheckoutCopy;
  beforeAll(() => {
    checkout = new CheckoutCopy(COPIED);
  });
  afterAll(() => checkout.remove());

  const build = () => checkout.run('dev/scripts/build-console.mjs');
  const builtAt = () => statSync(checkout.path(PAGE)).mtimeMs;

  it('runs when a source has changed, and says what is wrong with it', async () => {
    expect(await build()).toMatchObject({ status: 0 });
    const first = builtAt();
    expect(await build()).toMatchObject({ status: 0 });
    expect(builtAt()).toBe(first);

    const texts = checkout.read(TEXTS);
    checkout.write(TEXTS, `${texts}\nexport const = 1;\n`);
    const { status, output } = await build();
    expect(status).toBe(1);
    expect(output).toContain('The console cannot be built');
    expect(output).toContain('shell.ts');

    checkout.write(TEXTS, texts.replace('Skip to the content', 'Jump to the content'));
    expect(await build()).toMatchObject({ status: 0 });
    expect(builtAt()).toBeGreaterThan(first);
  });
});
