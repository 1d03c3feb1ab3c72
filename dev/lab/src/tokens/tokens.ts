import { LatchkeyStack, temporaryDirectory, TRANSACTION_TOKENS } from '@latchkey/local-stack';
import type { Finding, Laboratory } from '../experiment.js';
import { CALL_WAYS, type CallWay } from './call-way.js';
import { measureLatency } from './chain-latency.js';
import { bytesOfOrders, countOrders } from './counted-orders.js';
import { FULL, QUICK, type TokensSize } from './size.js';
import { tryStolenTokens } from './theft.js';
import { complaintsAbout } from './tokens-complaints.js';
import type { MeasuredWay, TokensReport } from './tokens-report.js';
import { printTokens } from './tokens-table.js';
import { WayShop } from './way-shop.js';

type Recorded = Pick<MeasuredWay, 'counted' | 'bytes' | 'thefts'>;

/** Compares the ways in which services act for a user when they call each other. */
export async function tokens(laboratory: Laboratory): Promise<Finding<TokensReport>> {
  const { options, processes, onProgress, print } = laboratory;
  const size = options.quick ? QUICK : FULL;
  const stack = await startAuth(laboratory);
  const shops: WayShop[] = [];
  const recorded = new Map<CallWay, Recorded>();
  for (const way of CALL_WAYS) {
    onProgress(`starting the services: ${way}`);
    const shop = await WayShop.start(processes, stack, way);
    shops.push(shop);
    recorded.set(way, await record(laboratory, stack, shop, size));
    await shop.stopRecording();
  }
  const latency = await measureLatency(stack, shops, size, onProgress);
  const report: TokensReport = {
    ...parametersOf(size),
    ways: CALL_WAYS.map((way) => ({ way, ...recorded.get(way)!, ...latency.get(way)! })),
  };
  printTokens(report, print);
  const complaints = complaintsAbout(report.ways);
  return { held: complaints.length === 0, complaints, report };
}

const parametersOf = ({ rounds, warmOrders, coldOrders }: TokensSize) => ({
  rounds,
  warmOrders,
  coldOrders,
});

/** Auth, which issues every kind of token; the services of the stack itself make way for those of the experiment. */
async function startAuth({ processes, onProgress }: Laboratory): Promise<LatchkeyStack> {
  const stack = await LatchkeyStack.start({
    processes,
    onProgress,
    stateDirectory: temporaryDirectory(processes),
    preferredPorts: false,
    env: {
      all: { LOG_LEVEL: 'warn' },
      auth: {
        TRUST_DOMAIN: TRANSACTION_TOKENS.TRUST_DOMAIN,
        // No token is renewed while exchanges are counted, however slow the machine is.
        ACCESS_TOKEN_LIFETIME_SECONDS: '3600',
      },
    },
  });
  await Promise.all(stack.verifyingReplicas.map((replica) => replica.stop()));
  return stack;
}

async function record(
  { onProgress }: Laboratory,
  stack: LatchkeyStack,
  shop: WayShop,
  size: TokensSize,
): Promise<Recorded> {
  const counted = [];
  for (const customers of size.customers) {
    onProgress(`${shop.way}: counting the orders of ${customers} customers`);
    counted.push(await countOrders(stack, shop, customers, size));
  }
  onProgress(`${shop.way}: stealing tokens`);
  const bytes = await bytesOfOrders(stack, shop);
  return { counted, bytes, thefts: await tryStolenTokens(stack, shop) };
}
