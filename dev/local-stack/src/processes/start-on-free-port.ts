import { reservePort, type ReservedPort } from './free-port.js';
import { ProcessStartError } from './managed-process.js';

const TRIES = 5;

/** Whether a server failed to start because another program took its port after the reservation. */
export const isPortTaken = (error: unknown): boolean =>
  error instanceof ProcessStartError && /address already in use/i.test(error.log);

/** Starts a server on the preferred port, or on another one if that port is taken. */
export async function startOnFreePort<Server>(
  preferred: number | undefined,
  start: (reserved: ReservedPort) => Promise<Server>,
): Promise<Server> {
  for (let attempt = 1; ; attempt++) {
    const reserved = await reservePort(attempt === 1 ? preferred : 0);
    try {
      return await start(reserved);
    } catch (error) {
      reserved.release();
      if (!isPortTaken(error) || attempt === TRIES) throw error;
    }
  }
}
