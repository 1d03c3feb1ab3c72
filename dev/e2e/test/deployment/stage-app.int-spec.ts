import { SERVICE_NAMES } from '@latchkey/local-stack';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const STAGE = new URL('../../../scripts/stage-app.mjs', import.meta.url);
const LOCKFILE = new URL('../../../../package-lock.json', import.meta.url);
const SERVICES = ['auth', ...SERVICE_NAMES];

const COMPOSE_FILE = new URL('../../../../docker-compose.yml', import.meta.url);

/** Runs a program in a separate process, because the script is plain JavaScript. */
function outputOf(program: string, input = ''): unknown {
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    input,
    encoding: 'utf8',
  });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout);
}

function productionPackages(locked: unknown, app: string): string[] {
  const program = `
    import { text } from 'node:stream/consumers';
    import { productionPackages } from '${STAGE.href}';
    const { locked, app } = JSON.parse(await text(process.stdin));
    console.log(JSON.stringify([...productionPackages(locked, app)]));`;
  return (outputOf(program, JSON.stringify({ locked, app })) as string[]).sort();
}

const locked = (JSON.parse(readFileSync(LOCKFILE, 'utf8')) as { packages: unknown }).packages;

describe('the contents of an image', () => {
  it.each(SERVICES)('of %s are its runtime dependencies, and no compiler or test runner', (app) => {
    const places = productionPackages(locked, app);
    expect(places).toContain(`apps/${app}`);
    expect(places).toContain('libs/internal/service-kit');
    for (const name of ['@nestjs/core', 'fastify', 'pg', 'swagger-ui-dist'])
      expect(places).toContain(`node_modules/${name}`);
    expect(places.filter((place) => /typescript|@babel|@swc|jest|\/nx\b/.test(place))).toEqual([]);
    expect(places.filter((place) => place.startsWith('apps/'))).toEqual([`apps/${app}`]);
  });

  it.each(SERVICES)('of %s include the code that signs only for auth', (app) => {
    expect(productionPackages(locked, app).includes('libs/internal/issuer')).toBe(app === 'auth');
  });
});

describe('the production packages of an app', () => {
  const packages = {
    'apps/shop': {
      dependencies: { '@our/lib': '1', web: '1' },
      optionalDependencies: { fast: '1', 'not-locked': '1' },
      devDependencies: { runner: '1' },
    },
    'node_modules/@our/lib': { resolved: 'libs/lib', link: true },
    'libs/lib': { dependencies: { web: '2' } },
    'libs/lib/node_modules/web': { dependencies: { deep: '1' } },
    'libs/lib/node_modules/web/node_modules/deep': {},
    'node_modules/deep': {},
    'node_modules/web': {
      peerDependencies: { core: '1', compiler: '1', 'not-there': '1' },
      peerDependenciesMeta: { compiler: { optional: true }, 'not-there': { optional: true } },
    },
    'node_modules/core': { dependencies: { web: '1' } },
    'node_modules/fast': { optional: true },
    'node_modules/compiler': {},
    'node_modules/runner': {},
  };

  it('are resolved as Node does: nested first, links to libraries, no optional peers', () => {
    expect(productionPackages(packages, 'shop')).toEqual([
      'apps/shop',
      'libs/lib',
      'libs/lib/node_modules/web',
      'libs/lib/node_modules/web/node_modules/deep',
      'node_modules/@our/lib',
      'node_modules/core',
      'node_modules/fast',
      'node_modules/web',
    ]);
  });

  it.each([
    ['a missing app', packages, 'other', 'does not have apps/other'],
    ['a missing package', { 'apps/shop': { dependencies: { gone: '1' } } }, 'shop', 'gone'],
    ['a missing peer', { 'apps/shop': { peerDependencies: { gone: '1' } } }, 'shop', 'gone'],
  ])('cannot be determined for %s', (_, lockfile, app, message) => {
    expect(() => productionPackages(lockfile, app)).toThrow(message);
  });
});

it('includes the console in the image of auth, at the place that docker-compose.yml names', () => {
  const program = `
    import { PAGES } from '${STAGE.href}';
    console.log(JSON.stringify(PAGES));`;
  const compose = readFileSync(COMPOSE_FILE, 'utf8');
  expect(outputOf(program)).toEqual({ auth: [/CONSOLE_DIRECTORY: (.*)/.exec(compose)?.[1]] });
});

it('prints its usage', () => {
  const { status, stderr } = spawnSync(process.execPath, [fileURLToPath(STAGE)], {
    encoding: 'utf8',
  });
  expect(stderr).toContain('Usage: node dev/scripts/stage-app.mjs FOLDER APP…');
  expect(status).toBe(2);
});
