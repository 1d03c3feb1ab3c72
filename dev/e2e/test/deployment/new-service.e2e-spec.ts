import { CheckoutCopy } from '../../src/checkout-copy.js';

const TRIAL = 'dev/e2e/test/deployment/new-service-trial.mjs';
const COMPILER = 'node_modules/typescript/bin/tsc';
const COPIED = [
  ...[
    'apps/auth',
    'apps/inventory',
    'deploy',
    'dev/demo',
    'dev/local-stack',
    'dev/scripts',
    'dev/testing',
    'libs',
  ],
  ...['.prettierrc.json', 'docker-compose.yml', 'package.json', 'package-lock.json'],
  ...['docs/configuration.md', 'tsconfig.base.json', 'tsconfig.json', TRIAL],
];

describe('npm run new:service', () => {
  let checkout: CheckoutCopy;
  beforeAll(() => {
    checkout = new CheckoutCopy(COPIED);
  });
  afterAll(() => checkout.remove());

  const make = (...args: string[]) => checkout.run('dev/scripts/new-service.mjs', ...args);

  it.each([
    ['an upper-case name', ['Shipping'], "The name 'Shipping' must be a lower-case letter"],
    ['a name that is not an identifier', ['gift-cards'], "The name 'gift-cards' must be"],
    ['a name that is a path', ['../shipping'], "The name '../shipping' must be"],
    ['a reserved name', ['redis'], "The name 'redis' is reserved"],
    ['an existing service', ['orders'], 'orders is already in deploy/services.json'],
    ['the name of a folder of apps', ['auth'], "The name 'auth' is reserved"],
    ['the name of a library', ['issuer'], 'another project is already called @latchkey/issuer'],
    ['a port in use', ['shipping', '--port', '4011'], 'port 4011 is already the port of orders'],
    ['a reserved port', ['shipping', '--port', '4042'], 'port 4042 is reserved'],
    ['a privileged port', ['shipping', '--port', '80'], '>=1024'],
    ['a port that is not a number', ['shipping', '--port', '40x0'], "'40x0' is not a port"],
    ['an unknown caller', ['shipping', '--called-by', 'nobody'], 'nobody is not in'],
    ['an unknown callee', ['shipping', '--calls', 'nobody'], '--calls: nobody is not in'],
    ['no name', [], 'Name one service'],
    ['two names', ['shipping', 'billing'], 'Name one service'],
    ['an unknown option', ['shipping', '--prot', '4040'], "Unknown option '--prot'"],
  ])('refuses %s, and writes nothing', async (_, args, message) => {
    const before = checkout.read('deploy/services.json');
    const { status, output } = await make(...args);
    expect(output).toContain(message);
    expect(output).not.toContain('    at ');
    expect(status).toBeGreaterThan(0);
    expect(checkout.read('deploy/services.json')).toBe(before);
    expect(checkout.exists('apps/shipping')).toBe(false);
  });

  it('prints what it would write with --dry-run, and writes nothing', async () => {
    const { status, output } = await make('shipping', '--dry-run');
    expect(status).toBe(0);
    expect(output).toContain('would write deploy/services.json\n');
    expect(output).toContain('would write apps/shipping/src/main.ts\n');
    expect(checkout.exists('apps/shipping')).toBe(false);
  });

  it('takes everything back if it fails', async () => {
    const broken = 'dev/testing/package.json';
    const manifest = checkout.read(broken);
    const before = checkout.read('deploy/nats.conf');
    checkout.write(broken, '{ "name": '); // npm cannot install this
    const { status, output } = await make('shipping');
    checkout.write(broken, manifest);
    expect(output).toContain('npm install failed');
    expect(status).toBe(1);
    expect(checkout.read('deploy/nats.conf')).toBe(before);
    expect(checkout.read('deploy/services.json')).not.toContain('shipping');
    expect(checkout.exists('apps/shipping')).toBe(false);
  });

  it('makes a service that compiles, with its tests, and works in the stack', async () => {
    expect(await make('shipping', '--no-install')).toMatchObject({ status: 0 });
    const projects = ['apps/shipping', 'dev/demo'];
    const nothing = { status: 0, output: '' };
    expect(await checkout.run('dev/scripts/compile.mjs', ...projects)).toEqual(nothing);
    const check = (...args: string[]) => checkout.run(COMPILER, ...args);
    const configurations = projects.map((project) => `${project}/tsconfig.build.json`);
    expect(await check('-b', ...configurations)).toEqual(nothing);
    expect(await check('--noEmit', '-p', 'apps/shipping/tsconfig.json')).toEqual(nothing);
    const { output } = await checkout.run(TRIAL, 'shipping', 'orders', 'inventory');
    expect(JSON.parse(output)).toMatchObject({
      statuses: [201, 200, 403, 200, 204],
      answer: ['products'],
      state: 'finished',
    });
  });
});
