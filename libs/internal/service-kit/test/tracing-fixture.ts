import { OtlpReceiver } from '@latchkey/testing';
import { Controller, Get, Inject, Module, type DynamicModule } from '@nestjs/common';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { currentCallContext, startService, type RunningService } from '../src/index.js';
import type { TracingOptions } from '../src/tracing/tracing-options.js';
import { ThingsModule } from './things-fixture.js';

const CALLED = Symbol('CALLED');
const Received = z.object({ traceparents: z.array(z.string()) });

@Controller('calls')
class CallsController {
  constructor(@Inject(CALLED) private readonly url: string) {}

  /** Calls another service, and answers with the `traceparent` headers that it received. */
  @Get()
  async call() {
    const headers = new Headers();
    for (const [name, value] of Object.entries(currentCallContext()))
      if (value !== undefined) headers.set(name, value);
    const response = await fetch(`${this.url}/secret-path?q=secret`, { headers });
    return Received.parse(await response.json());
  }
}

function callsModule(url: string): DynamicModule {
  const providers = [{ provide: CALLED, useValue: url }];
  return {
    module: CallsModule,
    imports: [ThingsModule],
    controllers: [CallsController],
    providers,
  };
}

@Module({})
class CallsModule {}

/** A server that answers with the `traceparent` headers of the request, however many there are. */
export async function startCalledServer(): Promise<{ url: string; server: Server }> {
  const server = createServer((request, response) => {
    const { rawHeaders } = request;
    const traceparents = rawHeaders.filter(
      (_, index) => index % 2 === 1 && rawHeaders[index - 1]!.toLowerCase() === 'traceparent',
    );
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ traceparents }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

/** Sends each span at once. */
export const tracingTo = (endpoint: string): TracingOptions => ({
  endpoint,
  protocol: 'http/protobuf',
  headers: {},
  timeoutMilliseconds: 2_000,
  serviceName: undefined,
  resourceAttributes: {},
  sampler: 'parentbased_always_on',
  ratio: 1,
  batchMilliseconds: 1,
  maxWaitingSpans: 2_048,
});

/** A service with traces, and the server that it calls. */
export class TracedThings {
  log = '';

  private constructor(
    readonly receiver: OtlpReceiver,
    private readonly called: Server,
  ) {}

  service!: RunningService;

  /** @param tracing `off` for a service without traces */
  static async start(tracing: Partial<TracingOptions> | 'off' = {}): Promise<TracedThings> {
    const receiver = await OtlpReceiver.start();
    const { url, server } = await startCalledServer();
    const things = new TracedThings(receiver, server);
    things.service = await startService({
      name: 'things',
      module: callsModule(url),
      host: '127.0.0.1',
      port: 0,
      logLevel: 'info',
      openApi: { title: 'Things', description: 'For tests' },
      handleSignals: false,
      logDestination: { write: (line) => void (things.log += line) },
      tracing: tracing === 'off' ? undefined : { ...tracingTo(receiver.url), ...tracing },
    });
    return things;
  }

  get(path: string, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(this.service.url + path, { headers });
  }

  get logLines(): Record<string, unknown>[] {
    const lines = this.log.trim().split('\n');
    return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  async close(): Promise<void> {
    await this.service.close();
    this.called.close();
    await this.receiver.close();
  }
}
