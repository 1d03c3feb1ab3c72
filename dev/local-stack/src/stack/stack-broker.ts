import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Launcher } from '../processes/launcher.js';
import { startNatsCluster, type NatsCluster } from '../servers/nats-cluster.js';
import { startNats, type Nats, type NatsOptions, type NatsPasswords } from '../servers/nats.js';
import { SPARE } from './spare-service.js';
import { generateOnce } from './state-directory.js';

const NATS_PORT = 4042;
/** deploy/nats.conf and the account of the spare service. */
const CONFIGURATION = fileURLToPath(new URL('../../nats.conf', import.meta.url));

interface Broker {
  readonly nats: Nats;
  readonly natsCluster?: NatsCluster;
}

export interface BrokerOptions {
  processes: Launcher;
  stateDirectory: string;
  preferredPorts?: boolean;
  natsServers?: 1 | 3;
  natsConfiguration?: string;
  onProgress?: (message: string) => void;
}

/** Starts the NATS server of a stack, or its cluster. */
export async function startBroker(
  options: BrokerOptions,
  passwords: NatsPasswords,
): Promise<Broker> {
  const { processes, stateDirectory, onProgress, natsConfiguration } = options;
  const common: Omit<NatsOptions, 'storeDirectory'> = {
    processes,
    ...(onProgress && { onProgress }),
    stateDirectory,
    passwords: { ...passwords, [SPARE]: generateOnce(stateDirectory, `nats-${SPARE}`) },
    port: options.preferredPorts === false ? 0 : NATS_PORT,
    configuration: natsConfiguration ?? CONFIGURATION,
  };
  if (options.natsServers === 3) {
    const storeDirectory = join(stateDirectory, 'nats-cluster');
    const natsCluster = await startNatsCluster({ ...common, storeDirectory });
    return { nats: natsCluster, natsCluster };
  }
  const nats = await startNats({ ...common, storeDirectory: join(stateDirectory, 'nats') });
  return { nats };
}
