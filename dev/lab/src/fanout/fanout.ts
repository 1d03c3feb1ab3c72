import type { LatchkeyStack } from '@latchkey/local-stack';
import { freePort, ManagedProcess, temporaryDirectory, waitFor } from '@latchkey/local-stack';
import { connect as connectTo } from '@nats-io/transport-node';
import { connect as open } from 'node:net';
import { join } from 'node:path';
import { startAuthOnlyStack } from '../auth-only-stack.js';
import type { Finding, Laboratory } from '../experiment.js';
import { printFanout, reportOf, type FanoutReport, type FanoutResult } from './fanout-report.js';
import { FanoutRounds } from './fanout-rounds.js';
import { Users } from './users.js';
import { VerifierFleet } from './verifier-fleet.js';

const DEFAULT_VERIFIERS = 1_000;
const FEW_VERIFIERS = 10;
const LOG_OUTS = 200;
const CONFIRMED_LOG_OUTS = 40;
const QUICK = { verifiers: 50, logOuts: 20, confirmed: 5 };

/** Measures how soon every one of many verifiers refuses a token after its log-out. */
export async function fanout(laboratory: Laboratory): Promise<Finding<FanoutReport>> {
  const { options, print } = laboratory;
  const { quick, verifiers = quick ? QUICK.verifiers : DEFAULT_VERIFIERS } = options;
  const logOuts = quick ? QUICK.logOuts : LOG_OUTS;
  const confirmed = quick ? QUICK.confirmed : CONFIRMED_LOG_OUTS;
  const stack = await startAuthOnlyStack(laboratory);
  const bareServer = await startBareServer(laboratory, stack);
  const users = await Users.register(stack.issuer);
  const results: FanoutResult[] = [];
  for (const size of [...new Set([verifiers, FEW_VERIFIERS])]) {
    const fleet = await startFleet(laboratory, stack, size, bareServer);
    const bare = await connectTo({ servers: bareServer });
    try {
      const rounds = new FanoutRounds(laboratory, { fleet, users, bare });
      const result = await rounds.run({ logOuts, confirmed });
      results.push(result);
      printFanout(result, print);
    } finally {
      await bare.close();
      await fleet.stop();
    }
  }
  return { held: results.every(({ missing }) => missing === 0), report: reportOf(results) };
}

/** Starts the same program as the stack's broker, without a stream, users and permissions. */
async function startBareServer(
  { processes }: Laboratory,
  { nats }: LatchkeyStack,
): Promise<string> {
  if (!nats.server) throw new Error('fanout needs a NATS server of its own: unset NATS_URL');
  const port = await freePort();
  const server = new ManagedProcess({
    processes,
    name: 'bare nats-server',
    command: nats.server.path,
    args: ['-a', '127.0.0.1', '-p', String(port)],
    env: {},
    logFile: join(temporaryDirectory(processes), 'bare-nats.log'),
    isReady: () => accepts(port),
  });
  await server.start();
  return `nats://127.0.0.1:${port}`;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = open({ port, host: '127.0.0.1' }, () => resolve(true));
    socket.once('error', () => resolve(false)).once('data', () => socket.destroy());
  });
}

async function startFleet(
  { processes, onProgress }: Laboratory,
  stack: LatchkeyStack,
  size: number,
  bareServer: string,
): Promise<VerifierFleet> {
  const { user, pass: password } = stack.natsCredentials('orders');
  const options = {
    issuer: stack.issuer,
    nats: { servers: stack.nats.url, user, password },
    bareServer,
  };
  const fleet = await VerifierFleet.start(processes, size, options, (started) =>
    onProgress(`${started} of ${size} verifiers loaded`),
  );
  await waitFor(async () => (await fetch(`${stack.issuer}/health/ready`)).ok);
  return fleet;
}
