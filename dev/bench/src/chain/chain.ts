import {
  AnsweringProcess,
  pin,
  processorMicroseconds,
  SERVER_CORE,
} from '@latchkey/load-generator';
import { LatchkeyStack, temporaryDirectory } from '@latchkey/local-stack';
import type { Workplace } from '../workplace.js';
import { INVENTORY, ORDERS, type ChainOptions } from './chain-options.js';
import type { ChainQuestion } from './chain-service-process.js';
import type { ParallelCalls, ParallelResult } from './parallel-calls.js';

const TRUST_DOMAIN = 'bench.example.com';

/** Auth with its Postgres and NATS, and two services of the benchmark's own that verify and call with its tokens. */
export class Chain {
  private constructor(
    readonly stack: LatchkeyStack,
    /** The URL of orders. */
    readonly url: string,
    private readonly orders: AnsweringProcess,
    private readonly inventory: AnsweringProcess,
  ) {}

  /** Pins auth and both services to the server core, so that the load does not share one with them. */
  static async start({ processes, onProgress }: Workplace): Promise<Chain> {
    const stack = await LatchkeyStack.start({
      processes,
      onProgress,
      stateDirectory: temporaryDirectory(processes),
      preferredPorts: false,
      startedReplicas: [],
      env: {
        all: { LOG_LEVEL: 'warn' },
        // Tokens must not expire before the end of the run.
        auth: { TRUST_DOMAIN, ACCESS_TOKEN_LIFETIME_SECONDS: '3600' },
      },
    });
    const { pid } = stack.replicas.auth;
    if (pid === undefined) throw new Error('the auth service has ended');
    pin(SERVER_CORE, pid);
    onProgress('starting the services of the chain');
    const module = new URL('./chain-service-process.js', import.meta.url);
    const [orders, inventory] = [1, 2].map(
      () => new AnsweringProcess(processes, module, { core: SERVER_CORE }),
    ) as [AnsweringProcess, AnsweringProcess];
    const inventoryPort = await ask<number>(inventory, { inventory: optionsOf(stack, INVENTORY) });
    const ordersPort = await ask<number>(orders, {
      orders: {
        ...optionsOf(stack, ORDERS),
        clientSecret: stack.serviceCredentials(ORDERS).secret,
        inventoryUrl: `http://127.0.0.1:${inventoryPort}`,
      },
    });
    return new Chain(stack, `http://127.0.0.1:${ordersPort}`, orders, inventory);
  }

  /** Processor time of both services so far. */
  async cpuMicroseconds(): Promise<number> {
    const question: ChainQuestion = { cpu: true };
    return (
      (await ask<number>(this.orders, question)) + (await ask<number>(this.inventory, question))
    );
  }

  /** Processor time of auth so far; undefined where the system does not report it. */
  authCpuMicroseconds(): number | undefined {
    const { pid } = this.stack.replicas.auth;
    return pid === undefined ? undefined : processorMicroseconds(pid);
  }

  /** Lets many callers within orders want a token at once. */
  callInParallel(calls: Pick<ParallelCalls, 'callers' | 'tokens'>): Promise<ParallelResult> {
    const { issuer } = this.stack;
    const clientSecret = this.stack.serviceCredentials(ORDERS).secret;
    return ask(this.orders, { parallel: { issuer, clientSecret, ...calls } });
  }

  async stop(): Promise<void> {
    this.orders.stop();
    this.inventory.stop();
    await this.stack.stop();
  }
}

const ask = <Answer>(process: AnsweringProcess, question: ChainQuestion) =>
  process.ask<Answer>(question);

function optionsOf(stack: LatchkeyStack, name: 'orders' | 'inventory'): ChainOptions {
  const { servers, user, pass } = stack.natsCredentials(name);
  return {
    issuer: stack.issuer,
    feed: { servers: servers.join(','), user, password: pass },
    trustDomain: TRUST_DOMAIN,
  };
}
