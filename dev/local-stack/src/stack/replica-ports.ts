import { reservePort, type ReservedPort } from '../processes/free-port.js';
import { preferredPortOf, type AnyReplicaName } from './stack-replicas.js';
import { generateOnce } from './state-directory.js';

interface PortOptions {
  readonly stateDirectory: string;
  readonly preferredPorts?: boolean;
  readonly onProgress?: (message: string) => void;
}

/** Another program uses the port of the issuer to which the data belongs. */
export class AuthPortTakenError extends Error {
  override readonly name = 'AuthPortTakenError';
  constructor(port: number) {
    super(
      `Port ${port} is in use by another program, and the data of earlier starts belongs to the issuer ` +
        `http://127.0.0.1:${port}. Stop that program, or delete the data: npm start -- --fresh`,
    );
  }
}

/**
 * Reserves the port of auth: the preferred one or, if that is in use, any. The port is part of the issuer, and the
 * revocation stream belongs to one issuer, so later starts with the same data get the same port.
 *
 * @throws {AuthPortTakenError} if the port of earlier starts is in use
 */
export async function reserveAuthPort(
  stateDirectory: string,
  preferred: number,
): Promise<ReservedPort> {
  const first = await reservePort(preferred);
  const kept = Number(generateOnce(stateDirectory, 'auth-port', () => String(first.port)));
  if (kept === first.port) return first;
  first.release();
  const again = await reservePort(kept);
  if (again.port === kept) return again;
  again.release();
  throw new AuthPortTakenError(kept);
}

/**
 * Reserves the port of a replica for the lifetime of this process, and reports one that is not the preferred one.
 *
 * @throws {AuthPortTakenError}
 */
export async function reserveReplicaPort(
  name: AnyReplicaName,
  { stateDirectory, preferredPorts = true, onProgress }: PortOptions,
): Promise<number> {
  const preferred = preferredPorts ? preferredPortOf(name) : 0;
  const { port } = await (name === 'auth'
    ? reserveAuthPort(stateDirectory, preferred)
    : reservePort(preferred));
  if (preferredPorts && port !== preferred)
    onProgress?.(`${name} listens on port ${port}, not on ${preferred}`);
  return port;
}
