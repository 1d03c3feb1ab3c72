import {
  ensureNatsServer,
  ProcessGroup,
  SERVICE_NAMES,
  temporaryDirectory,
} from '@latchkey/local-stack';
import fc from 'fast-check';
import { execFileSync } from 'node:child_process';
import { parse } from 'yaml';
import { CheckoutCopy } from '../../src/checkout-copy.js';

const SERVICES_FILE = 'deploy/services.json';
const GENERATED = [
  'docker-compose.yml',
  'deploy/Caddyfile',
  'deploy/Caddyfile.one-origin',
  'deploy/nats.conf',
  'deploy/postgres-databases.sh',
  'deploy/prometheus.yml',
  'deploy/services.schema.json',
  'dev/local-stack/nats.conf',
  'dev/local-stack/src/stack/services.ts',
];
const COPIED = [
  ...GENERATED,
  '.prettierrc.json',
  'deploy',
  'dev/scripts',
  'dev/local-stack/reaper',
];

interface Service {
  port: number;
  sampleRoute: string;
  localReplicas?: number;
  scopes: { user?: string[]; admin?: string[]; service?: string[] };
  callsForUsers?: Record<string, string[]>;
  callsAsItself?: Record<string, string[]>;
}
type Services = Record<string, Service>;

describe('deploy/services.json', () => {
  const processes = new ProcessGroup();
  let checkout: CheckoutCopy;
  let natsServer: string;
  let shipped: string;
  beforeAll(async () => {
    const stateDirectory = temporaryDirectory(processes);
    ({ path: natsServer } = await ensureNatsServer({ processes, stateDirectory }));
    checkout = new CheckoutCopy(COPIED);
    shipped = checkout.read(SERVICES_FILE);
  });
  afterEach(() => GENERATED.forEach((path) => checkout.write(path, 'to be written')));
  afterAll(async () => {
    checkout.remove();
    await processes.close();
  });

  const shippedServices = () => (JSON.parse(shipped) as { services: Services }).services;
  const generate = async (services: unknown, ...args: string[]) => {
    checkout.write(SERVICES_FILE, JSON.stringify({ services }));
    return checkout.run('dev/scripts/generate.mjs', ...args);
  };
  const written = () => GENERATED.map((path) => [path, checkout.read(path)] as const);
  /** @throws with the server's complaint */
  const checkNatsConfiguration = (names: readonly string[]) => {
    const passwords = ['auth', 'spare', ...names].map((name) => [
      `NATS_${name.toUpperCase()}_PASSWORD`,
      's',
    ]);
    const env = { ...Object.fromEntries(passwords), NATS_STORE_DIR: '/tmp' } as Record<
      string,
      string
    >;
    for (const path of ['deploy/nats.conf', 'dev/local-stack/nats.conf'])
      execFileSync(natsServer, ['-t', '-c', checkout.path(path)], { env, stdio: 'pipe' });
  };

  it('agrees with every file that is generated from it', async () => {
    const fresh = new CheckoutCopy(COPIED);
    const { status, output } = await fresh.run('dev/scripts/generate.mjs', '--check');
    fresh.remove();
    expect(output).toBe('All generated files are up to date.\n');
    expect(status).toBe(0);
  });

  it('makes the check fail and say what to run while a file is out of date', async () => {
    await generate(shippedServices());
    checkout.write('deploy/nats.conf', checkout.read('deploy/nats.conf').replace('64KB', '1MB'));
    const { status, output } = await checkout.run('dev/scripts/generate.mjs', '--check');
    expect(output).toBe('deploy/nats.conf is out of date\nRun: npm run generate\n');
    expect(status).toBe(1);
    expect(checkout.read('deploy/nats.conf')).toContain('1MB');
  });

  it.each(SERVICE_NAMES)('removes %s from every file when it is deleted', async (deleted) => {
    const services = shippedServices();
    delete services[deleted];
    for (const { callsForUsers, callsAsItself } of Object.values(services)) {
      delete callsForUsers?.[deleted];
      delete callsAsItself?.[deleted];
    }
    expect(await generate(services)).toMatchObject({ status: 0 });
    for (const [path, text] of written()) {
      const mentions = text.split('\n').filter((line) => line.toLowerCase().includes(deleted));
      expect({ path, mentions }).toEqual({ path, mentions: [] });
    }
    checkNatsConfiguration(Object.keys(services));
  });

  describe('with any services', () => {
    const part = fc.string({
      unit: fc.constantFrom(...'abcxyz019'),
      minLength: 1,
      maxLength: 8,
    });
    const name = part.map((end) => `s${end}`);
    const services = fc
      .uniqueArray(fc.record({ name, part, replicas: fc.integer({ min: 1, max: 9 }) }), {
        selector: ({ name }) => name,
        minLength: 1,
        maxLength: 6,
      })
      .map((all) => {
        const scopeOf = (service: string) => `${service}:read`;
        const entries = all.map(({ name, part, replicas }, index): [string, Service] => [
          name,
          {
            port: 5_000 + 10 * index,
            sampleRoute: `/${part}`,
            localReplicas: replicas,
            scopes: { user: [scopeOf(name)], admin: [`${name}:admin`], service: [`${name}:own`] },
            callsForUsers: callsTo(all[index + 1]?.name, scopeOf),
            callsAsItself: callsTo(all[index - 1]?.name, (callee) => `${callee}:own`),
          },
        ]);
        return Object.fromEntries(entries);
      });
    const callsTo = (callee: string | undefined, scope: (callee: string) => string) =>
      callee === undefined ? {} : { [callee]: [scope(callee)] };

    it('makes a configuration of NATS that the server accepts, and the same list for Compose', async () => {
      await fc.assert(
        fc.asyncProperty(services, async (all) => {
          expect(await generate(all)).toMatchObject({ status: 0 });
          checkNatsConfiguration(Object.keys(all));
          const { services: containers } = parse(checkout.read('docker-compose.yml'), {
            merge: true,
          }) as Compose;
          for (const [service, { port, callsForUsers, callsAsItself }] of Object.entries(all)) {
            expect(containers[service]?.environment).toMatchObject({
              PORT: String(port),
              NATS_USER: service,
              CLIENT_ID: service,
              ...addressesOf({ ...callsForUsers, ...callsAsItself }, all),
            });
          }
          const { AUDIENCES = '', OAUTH_CLIENTS = '' } = containers['auth']!.environment!;
          expect(JSON.parse(AUDIENCES)).toEqual(audiencesOf(all));
          expect(JSON.parse(OAUTH_CLIENTS)).toEqual(Object.entries(all).map(clientOf));
        }),
        { numRuns: 5 },
      );
    });
  });

  describe('is refused, and nothing is written,', () => {
    const SCOPES = { user: ['shipping:read'] };
    const SHIPPING = { port: 4040, sampleRoute: '/shipments', scopes: SCOPES };

    it.each([
      ['with an upper-case name', { Shipping: SHIPPING }, 'lower-case letter followed by'],
      ['with a name that is not an identifier', { 'gift-cards': SHIPPING }, 'lower-case letter'],
      ['with a reserved name', { nats: SHIPPING }, 'is reserved'],
      [
        'with an unknown setting',
        { shipping: { ...SHIPPING, prot: 1 } },
        'Unrecognized key: "prot"',
      ],
      ['without a port', { shipping: { ...SHIPPING, port: undefined } }, 'services.shipping.port'],
      [
        'with a port as text',
        { shipping: { ...SHIPPING, port: '4040' } },
        'services.shipping.port',
      ],
      ['with a privileged port', { shipping: { ...SHIPPING, port: 80 } }, '>=1024'],
      ['with a reserved port', { shipping: { ...SHIPPING, port: 9000 } }, 'port 9000 is reserved'],
      ['with the port of another', { shipping: { ...SHIPPING, port: 4030 } }, 'port of payments'],
      [
        'with the port of the second replica of another',
        { shipping: { ...SHIPPING, port: 4011 } },
        'port 4011 is already the port of orders',
      ],
      ['with a bad route', { shipping: { ...SHIPPING, sampleRoute: 'x y' } }, 'must be a path'],
      [
        'with a scope of another service',
        { shipping: { ...SHIPPING, scopes: { user: ['orders:read'] } } },
        'scope orders:read must begin with shipping:',
      ],
      [
        'with a scope in two groups',
        { shipping: { ...SHIPPING, scopes: { ...SCOPES, admin: SCOPES.user } } },
        'scope shipping:read is listed twice',
      ],
      [
        'with a call to an unknown service',
        { shipping: { ...SHIPPING, callsForUsers: { billing: ['billing:read'] } } },
        'calls billing, which is not in the file: add it, or remove the call',
      ],
      [
        'with a call to itself',
        { shipping: { ...SHIPPING, callsAsItself: { shipping: ['shipping:read'] } } },
        'calls itself',
      ],
      [
        'with a scope that the called service lacks',
        { shipping: { ...SHIPPING, callsForUsers: { orders: ['orders:ship'] } } },
        'calls orders with orders:ship',
      ],
      [
        'with a call for users that needs a scope of services',
        {
          shipping: { ...SHIPPING, scopes: { service: ['shipping:settle'] } },
          billing: {
            ...{ port: 4050, sampleRoute: '/bills', scopes: {} },
            callsForUsers: { shipping: ['shipping:settle'] },
          },
        },
        'calls shipping with shipping:settle',
      ],
    ])('%s', async (_, added, message) => {
      const { status, output } = await generate({ ...shippedServices(), ...added });
      expect(output).toContain(message);
      expect(output).not.toContain('    at ');
      expect(status).toBe(1);
      for (const [, text] of written()) expect(text).toBe('to be written');
    });

    it('if it is not JSON', async () => {
      checkout.write(SERVICES_FILE, '{ "services": ');
      const { status, output } = await checkout.run('dev/scripts/generate.mjs');
      expect(output).toContain('deploy/services.json is not JSON');
      expect(status).toBe(1);
    });
  });
});

interface Compose {
  readonly services: Record<string, { readonly environment?: Readonly<Record<string, string>> }>;
}

const addressesOf = (calls: Record<string, string[]>, all: Services) =>
  Object.fromEntries(
    Object.keys(calls).map((callee) => [
      `${callee.toUpperCase()}_URL`,
      `http://${callee}:${all[callee]!.port}`,
    ]),
  );

const audiencesOf = (all: Services) =>
  Object.fromEntries(
    Object.entries(all).map(([name, { scopes }]) => [name, Object.values(scopes).flat()]),
  );

const clientOf = ([name, { callsForUsers = {}, callsAsItself = {} }]: [string, Service]) => ({
  clientId: name,
  secretSha256: `\${${name.toUpperCase()}_CLIENT_SECRET_SHA256:?}`,
  ...(Object.keys(callsAsItself).length > 0 && { scopes: Object.values(callsAsItself).flat() }),
  ...(Object.keys(callsForUsers).length > 0 && { exchange: callsForUsers }),
});
