import { connect, type ConnectionOptions, type NatsConnection } from '@nats-io/transport-node';
import { pause } from './pause.js';

const FIRST_RETRY_MILLISECONDS = 100;
const LAST_RETRY_MILLISECONDS = 2_000;
/** A half-open connection is given up after about three of these. */
const PING_MILLISECONDS = 1_000;

const PATIENT = {
  timeout: 2_000,
  reconnect: true,
  maxReconnectAttempts: -1,
  reconnectTimeWait: 250,
  reconnectJitter: 100,
  pingInterval: PING_MILLISECONDS,
  maxPingOut: 2,
  ignoreAuthErrorAbort: true,
} satisfies ConnectionOptions;

/**
 * A connection that is never given up, or undefined when the signal comes first.
 * A service starts while NATS is down: it is not ready, but it is there.
 */
export async function connectForever(
  options: ConnectionOptions,
  signal: AbortSignal,
  report: (cause: unknown) => void,
): Promise<NatsConnection | undefined> {
  let retryMilliseconds = FIRST_RETRY_MILLISECONDS;
  while (!signal.aborted) {
    try {
      const connection = await connect({ ...options, ...PATIENT });
      if (!signal.aborted) return connection;
      await connection.close();
    } catch (cause) {
      report(cause);
      await pause(retryMilliseconds, signal);
      retryMilliseconds = Math.min(retryMilliseconds * 2, LAST_RETRY_MILLISECONDS);
    }
  }
  return undefined;
}
