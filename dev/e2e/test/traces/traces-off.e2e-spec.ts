import type { AnyReplicaName } from '@latchkey/local-stack';
import { OtlpReceiver } from '@latchkey/testing';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startStack, type RunningStack } from '../../src/running-stack.js';

/** prom-client requires the API, which does nothing without an SDK. */
const API = '@opentelemetry/api';

describe('the modules that a service loads', () => {
  const directory = mkdtempSync(join(tmpdir(), 'latchkey-modules-'));
  let receiver: OtlpReceiver;
  let running: RunningStack;
  beforeAll(async () => {
    receiver = await OtlpReceiver.start();
    const OTEL_EXPORTER_OTLP_ENDPOINT = receiver.url;
    // At its end, a process lists there the scripts that it has loaded.
    const into = (name: string) => ({ NODE_V8_COVERAGE: join(directory, name) });
    running = await startStack({
      env: {
        auth: into('auth'),
        'orders-1': into('orders-1'),
        'orders-2': { ...into('orders-2'), OTEL_EXPORTER_OTLP_ENDPOINT: ' ' },
        inventory: {
          ...into('inventory'),
          OTEL_EXPORTER_OTLP_ENDPOINT,
          OTEL_SDK_DISABLED: 'true',
        },
        payments: { ...into('payments'), OTEL_EXPORTER_OTLP_ENDPOINT },
      },
    });
    await Promise.all(Object.values(running.stack.replicas).map((replica) => replica.stop()));
  });
  afterAll(async () => {
    await running?.close();
    await receiver?.close();
    rmSync(directory, { recursive: true });
  });

  /** The packages of OpenTelemetry among the modules of a process. */
  const packagesOf = (name: AnyReplicaName): string[] => {
    const modules = readdirSync(join(directory, name)).flatMap((file) => {
      const text = readFileSync(join(directory, name, file), 'utf8');
      return (JSON.parse(text) as { result: { url: string }[] }).result.map(({ url }) => url);
    });
    // Without them, the list would show nothing.
    expect(modules.some((url) => url.includes('/node_modules/fastify/'))).toBe(true);
    const found = modules.map((url) => /\/node_modules\/(@opentelemetry\/[^/]+)\//.exec(url)?.[1]);
    return [...new Set(found.filter((each) => each !== undefined))].sort();
  };

  it.each([
    ['auth', 'there is no receiver'],
    ['orders-1', 'there is no receiver'],
    ['orders-2', 'the receiver is blank'],
    ['inventory', 'the SDK is disabled'],
  ] as const)('of %s include nothing of the SDK of OpenTelemetry if %s', (name, _) => {
    expect(packagesOf(name)).toEqual([API]);
  });

  it('include the SDK if there is a receiver', () => {
    expect(packagesOf('payments')).toEqual(
      expect.arrayContaining([
        API,
        '@opentelemetry/exporter-trace-otlp-proto',
        '@opentelemetry/sdk-trace',
      ]),
    );
  });
});
