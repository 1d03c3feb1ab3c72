import { freePort } from '@latchkey/local-stack';
import { TestAuthority, waitFor } from '@latchkey/testing';
import { accessSync, constants, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONSUMERS, ENTRY_POINTS, without } from './consumers-fixture.js';
import { EmptyProject, LIBRARIES, type Diagnostic, type Library } from './empty-project-fixture.js';
import { Readme } from './readme-fixture.js';
import { CalledService } from './called-service-fixture.js';

const SETUP_MILLISECONDS = 300_000;
const COMPILE_MILLISECONDS = 150_000;
const NEST_OPTIONS = {
  module: 'nodenext',
  target: 'es2023',
  strict: true,
  types: ['node'],
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
};

let project: EmptyProject;
let authority: TestAuthority;

beforeAll(async () => {
  [project, authority] = await Promise.all([EmptyProject.create(), TestAuthority.start('orders')]);
}, SETUP_MILLISECONDS);
afterAll(async () => {
  await project?.close();
  await authority?.close();
});

/** The package that is a command and has nothing to import. */
const COMMAND = 'cli';

/** The module specifiers of a library's entry points. */
const entryPoints = (library: Library): string[] =>
  Object.keys(project.manifest(library).exports).map(
    (path) => `@latchkey/${library}${path.slice(1)}`,
  );

describe.each(LIBRARIES)('the package of %s', (library) => {
  it('contains only the compiled code, a README, examples, commands and a licence', async () => {
    const files = await project.filesPacked(library);
    const beside = files.filter(
      (file) => !/^(dist\/|(examples|bin)\/[a-z-]+\.(mjs|html)$)/.test(file),
    );
    expect(beside.sort()).toEqual(['LICENSE', 'README.md', 'package.json']);
    const compiled = files.filter((file) => file.startsWith('dist/'));
    expect(compiled.filter((file) => !/\.(js|d\.ts)(\.map)?$/.test(file))).toEqual([]);
    expect(compiled.filter((file) => /[.-]spec\.|fixture/.test(file))).toEqual([]);
  });

  it('contains the files that its README links to, except other libraries', async () => {
    const files = await project.filesPacked(library);
    const links = new Readme(library).links.filter((link) => !link.startsWith('../'));
    for (const link of links) expect(files).toContain(link);
  });
});

describe.each(LIBRARIES.filter((library) => library !== COMMAND))('the library %s', (library) => {
  it('has a module and its types behind every entry point', async () => {
    const files = await project.filesPacked(library);
    const targets = Object.values(project.manifest(library).exports).flatMap(Object.values);
    expect(targets.length).toBeGreaterThan(0);
    for (const target of targets) expect(files).toContain(String(target).replace(/^\.\//, ''));
  });

  it('can be imported by an ES module', async () => {
    const imports = entryPoints(library).map((name) => `await import('${name}')`);
    project.write(`import/${library}.mjs`, countExportsOf(imports));
    const { stdout, stderr } = await project.run(`import/${library}.mjs`);
    expect(stderr).toBe('');
    for (const count of JSON.parse(stdout)) expect(count).toBeGreaterThan(0);
  });

  it('can be required by a CommonJS module', async () => {
    const requires = entryPoints(library).map((name) => `require('${name}')`);
    project.write(`require/${library}.cjs`, countExportsOf(requires));
    const { stdout, stderr } = await project.run(`require/${library}.cjs`);
    expect(stderr).toBe('');
    for (const count of JSON.parse(stdout)) expect(count).toBeGreaterThan(0);
  });

  it('lists in its README every package that its example imports', () => {
    const readme = new Readme(library);
    const { peerDependencies = {} } = project.manifest(library);
    const there = [...readme.installed, ...Object.keys(peerDependencies)];
    expect(readme.imported.length).toBeGreaterThan(0);
    for (const name of readme.imported) expect(there).toContain(name);
  });
});

it('installs the command, which prints its help', async () => {
  const program = join(project.directory, 'node_modules/.bin/latchkey');
  accessSync(program, constants.X_OK);
  const { stdout, stderr } = await project.run(program, '--help');
  expect(stderr).toBe('');
  expect(stdout).toMatch(/^Usage: latchkey /);
});

const countExportsOf = (modules: readonly string[]): string =>
  `console.log(JSON.stringify([${modules.join(', ')}].map((all) => Object.keys(all).length)));\n`;

it('verifies a token and honours its log-out with only the installed packages', async () => {
  const script = new URL('consumer/verify-a-token.mjs', import.meta.url);
  project.write('verify-a-token.mjs', readFileSync(script, 'utf8'));
  const { stdout } = await project.run('verify-a-token.mjs');
  expect(JSON.parse(stdout)).toEqual({
    beforeTheListIsLoaded: 'revocations_not_loaded',
    valid: { subject: 'ada', sessionId: 'session-1', scopes: ['orders:read'] },
    expired: 'expired',
    forAnotherAudience: 'wrong_audience',
    afterLogOut: 'revoked',
    ofAnotherSession: { subject: 'ada', sessionId: 'session-2', scopes: ['orders:read'] },
  });
});

describe.each([
  { moduleResolution: 'nodenext', module: 'nodenext' },
  { moduleResolution: 'bundler', module: 'esnext' },
])('for a compiler with moduleResolution $moduleResolution', (resolution) => {
  let diagnostics: Diagnostic[];

  beforeAll(async () => {
    const folder = `compile-${resolution.moduleResolution}`;
    project.write(`${folder}/every entry point.ts`, ENTRY_POINTS);
    for (const { name, source, required } of CONSUMERS) {
      project.write(`${folder}/${name}.ts`, source);
      for (const member of required)
        project.write(`${folder}/${name} without ${member}.ts`, without(source, member));
    }
    diagnostics = await project.compile(folder, {
      ...resolution,
      target: 'es2023',
      strict: true,
      noEmit: true,
      types: ['node'],
      skipLibCheck: false,
    });
  }, COMPILE_MILLISECONDS);

  it('complete sources compile, including the declarations of all packages', () => {
    expect(diagnostics.filter(({ file }) => !file.includes(' without '))).toEqual([]);
  });

  describe.each(CONSUMERS)('$name', ({ name, source, errorAt, required }) => {
    it.each(required)('does not compile without %s', (member) => {
      const found = diagnostics.filter(({ file }) => file === `${name} without ${member}.ts`);
      const lines = without(source, member).split('\n');
      const line = lines.findIndex((text) => text.includes(errorAt)) + 1;
      expect(found).toEqual([
        {
          file: expect.any(String),
          line,
          code: expect.stringMatching(/^TS(2322|2345|2741)$/),
          message: expect.stringContaining(`Property '${member}' is missing in type`),
        },
      ]);
    });
  });
});

describe('the example in the README', () => {
  const token = (sessionId: string) =>
    authority.issuer.makeToken({ sessionId, subject: 'ada', scope: 'orders:read' });
  const places = () => ({ 'https://auth.example.com': authority.issuer.issuer });
  const placesWithNats = () => ({
    ...places(),
    'nats://nats.example.com:4222': authority.nats.url,
  });
  const writePassword = (more = '') =>
    project.write('.env', `NATS_PASSWORD=${authority.nats.credentials('orders').pass}\n${more}`);

  it('of contracts prints the subject of a revocation', async () => {
    project.write('contracts.mjs', new Readme('contracts').example());
    const { stdout } = await project.run('contracts.mjs');
    expect(stdout).toMatch(/^latchkey\.revocations\.session\.0197a2b0-[0-9a-f-]+\.1\n$/);
  });

  it('of inspector judges a token with a key set', async () => {
    project.write('inspector.mjs', new Readme('inspector').example());
    const header = `Authorization: Bearer ${await token('s-1')}`;
    const jwks = JSON.stringify(authority.issuer.jwks());
    const { stdout, stderr } = await project.run('inspector.mjs', header, jwks);
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^valid Valid: the signature fits/);
    expect(stdout).toContain('\npassed Audience (aud) The token is for “orders”, as expected.\n');
  });

  it('of deny-list finds a revocation', async () => {
    project.write('deny-list.mjs', new Readme('deny-list').example());
    const { stdout } = await project.run('deny-list.mjs');
    expect(stdout).toBe('true\n');
  });

  it('of verifier accepts a valid token and refuses an expired one', async () => {
    project.write('verifier.mjs', new Readme('verifier').example(places()));
    const accepted = await project.run('verifier.mjs', await token('s-1'));
    expect(accepted.stdout).toBe('ada true\n');
    const expired = await authority.issuer.makeToken({ issuedAt: 1_000_000_000 });
    const refused = await project.run('verifier.mjs', expired);
    expect(refused.stdout).toBe('401 expired\n');
  });

  it('of deny-list-nats accepts a token until its session ends', async () => {
    writePassword();
    project.write('feed.mjs', new Readme('deny-list-nats').example(placesWithNats()));
    const ofAda = await token('s-2');
    const before = await project.run('--env-file=.env', 'feed.mjs', ofAda);
    expect(before.stdout).toMatch(/connected\n(.*\n)*loaded\n(.*\n)*accepted ada\n/);
    await authority.revokeSession('s-2');
    const after = await project.run('--env-file=.env', 'feed.mjs', ofAda);
    expect(after.stdout).toMatch(/loaded\n(.*\n)*rejected revoked\n/);
  });

  it('of service-client calls a service with a token for it', async () => {
    const { places } = new CalledService(authority);
    project.write('client.mjs', new Readme('service-client').example(places));
    project.write('.env', 'CLIENT_SECRET=secret\n');
    const { stdout } = await project.run('--env-file=.env', 'client.mjs', await token('s-4'));
    expect(stdout).toBe("201 { sub: 'ada', aud: [ 'inventory' ], scope: 'inventory:write' }\n");
  });

  it(
    'of service-client-nestjs calls a service with a token for it, until the session ends',
    async () => {
      const port = await freePort();
      const called = new CalledService(authority);
      writePassword(`CLIENT_SECRET=secret\nPORT=${port}\n`);
      const readme = new Readme('service-client-nestjs');
      project.write('client/main.ts', readme.example({ ...called.places, ...placesWithNats() }));
      expect(await project.compile('client', NEST_OPTIONS)).toEqual([]);
      project.start('--env-file=.env', 'client/main.js');
      const authorization = `Bearer ${await token('s-5')}`;
      const place = () =>
        fetch(`http://127.0.0.1:${port}/orders`, { method: 'POST', headers: { authorization } });
      const answers = (status: number) =>
        waitFor(async () => (await place()).status === status, { timeoutMs: 20_000 });

      await answers(201);
      expect(await (await place()).json()).toEqual({
        reservation: { sub: 'ada', aud: ['inventory'], scope: 'inventory:write' },
      });
      expect(called.exchanges).toBe(1);
      await authority.revokeSession('s-5');
      await answers(401);
    },
    COMPILE_MILLISECONDS,
  );

  it(
    'of verifier-nestjs accepts a token until its session ends',
    async () => {
      const port = await freePort();
      writePassword(`PORT=${port}\n`);
      project.write('nest/main.ts', new Readme('verifier-nestjs').example(placesWithNats()));
      const compiled = await project.compile('nest', NEST_OPTIONS);
      expect(compiled).toEqual([]);
      const app = project.start('--env-file=.env', 'nest/main.js');
      let printed = '';
      for (const stream of [app.stdout, app.stderr])
        stream?.on('data', (text) => (printed += text));
      const get = (headers: Record<string, string> = {}) =>
        fetch(`http://127.0.0.1:${port}/orders`, { headers });
      const answers = (status: number, headers?: Record<string, string>) =>
        waitFor(async () => (await get(headers)).status === status, { timeoutMs: 20_000 }).catch(
          (cause: unknown) => {
            throw new Error(`no ${status}; the application printed: ${printed}`, { cause });
          },
        );
      const withToken = { authorization: `Bearer ${await token('s-3')}` };

      await answers(200, withToken);
      expect(await (await get(withToken)).json()).toEqual({ ordersOf: 'ada' });
      expect((await get()).status).toBe(401);
      const withoutScope = await authority.issuer.makeToken({ scope: 'orders:write' });
      expect((await get({ authorization: `Bearer ${withoutScope}` })).status).toBe(403);
      await authority.revokeSession('s-3');
      await answers(401, withToken);
    },
    COMPILE_MILLISECONDS,
  );
});
