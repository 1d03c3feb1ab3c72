import { SERVICE_NAMES, SERVICES } from '@latchkey/local-stack';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

const read = (path: string) =>
  readFileSync(new URL(`../../../../${path}`, import.meta.url), 'utf8');

interface Container {
  readonly build?: { readonly args: { readonly APP: string } };
  readonly ports?: readonly string[];
  readonly networks: readonly string[];
  readonly stop_grace_period?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

const { services: CONTAINERS } = parse(read('docker-compose.yml'), { merge: true }) as {
  services: Record<string, Container>;
};
const OURS = Object.entries(CONTAINERS).filter(([, { build }]) => build);
const DOCKERFILE = read('Dockerfile');
const CADDYFILE = read('deploy/Caddyfile');
/** How long a service may take to complete its requests (`start-service.ts`). */
const SHUTDOWN_SECONDS = 10;

const drainSeconds = Number(/SHUTDOWN_DRAIN_SECONDS=(\d+)/.exec(DOCKERFILE)?.[1]);
const setIn = (directive: string) =>
  new RegExp(`^\\s*${directive} (\\S+)$`, 'm').exec(CADDYFILE)?.[1];
const secondsOf = (duration: string | undefined) =>
  duration?.endsWith('ms') ? parseFloat(duration) / 1000 : parseFloat(duration ?? '');

describe('docker-compose.yml', () => {
  it('has auth, the services of deploy/services.json and what they depend on', () => {
    expect(Object.keys(CONTAINERS).sort()).toEqual(
      ['auth', 'nats', 'postgres', 'proxy', 'redis', ...SERVICE_NAMES].sort(),
    );
    expect(OURS.map(([name, { build }]) => [name, build!.args.APP])).toEqual(
      ['auth', ...SERVICE_NAMES].map((name) => [name, name]),
    );
  });

  it.each(Object.entries(CONTAINERS))(
    'runs %s read-only, without privileges and with resource limits',
    (_, it) => {
      expect(it).toMatchObject({
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
        cpus: expect.any(Number) as number,
        mem_limit: expect.stringMatching(/^\d+m$/) as string,
        pids_limit: expect.any(Number) as number,
      });
    },
  );

  it.each(OURS)(
    'gives %s time to drain and to complete its requests',
    (_, { stop_grace_period: grace }) => {
      expect(drainSeconds).toBeGreaterThan(0);
      expect(secondsOf(grace)).toBeGreaterThan(drainSeconds + SHUTDOWN_SECONDS);
    },
  );

  it('publishes only the ports of the proxy, on loopback, and not the management port', () => {
    const published = Object.entries(CONTAINERS).filter(([, { ports }]) => ports);
    expect(published.map(([name]) => name)).toEqual(['proxy']);
    expect(published[0]![1].ports).toEqual(
      [4000, ...SERVICE_NAMES.map((name) => SERVICES[name].port)].map(
        (port) => `127.0.0.1:${port}:${port}`,
      ),
    );
    expect(CADDYFILE).not.toContain('9000');
    expect(CONTAINERS['proxy']!.networks).not.toContain('data');
  });

  it.each(
    SERVICE_NAMES.flatMap((name) =>
      ['JWKS_URL', 'TOKEN_URL', 'INTROSPECTION_URL', 'SNAPSHOT_URL'].map((url) => [name, url]),
    ),
  )('lets %s reach auth within the network: %s', (name, url) => {
    const { environment } = CONTAINERS[name]!;
    expect(new URL(environment![url]!).host).toBe(
      `auth:${CONTAINERS['auth']!.environment!['PORT']}`,
    );
  });

  it('routes each port of the proxy to the port of its service', () => {
    const routes = [
      ...CADDYFILE.matchAll(/^:(\d+) \{\s+reverse_proxy \{\s+dynamic a (\w+) (\d+) \{/gm),
    ];
    expect(routes.map(([, outside, name, inside]) => [outside, name, inside])).toEqual(
      OURS.map(([name, { environment }]) => {
        const port = environment!['PORT']!;
        return [port, name, port];
      }),
    );
  });
});

describe('deploy/Caddyfile', () => {
  it('retries for as long as a replica may take to restart', () => {
    expect(secondsOf(setIn('lb_try_duration'))).toBeGreaterThanOrEqual(5);
    expect(secondsOf(setIn('lb_try_interval'))).toBeLessThanOrEqual(0.1);
    expect(secondsOf(setIn('fail_duration'))).toBeGreaterThanOrEqual(2);
  });

  it('closes idle connections sooner than a draining replica', () => {
    expect(secondsOf(setIn('keepalive'))).toBeLessThan(drainSeconds);
  });
});

describe('Dockerfile', () => {
  it('installs and compiles once for all services', () => {
    expect(DOCKERFILE.match(/\bnpm ci\b/g)).toHaveLength(1);
    expect(DOCKERFILE.match(/\bcompile\.mjs\b/g)).toHaveLength(1);
  });

  it('checks health without starting Node.js', () => {
    expect(DOCKERFILE).toMatch(/^HEALTHCHECK [^\n]*\\\n {2}CMD \["bash", "health-check.sh"\]$/m);
  });
});
