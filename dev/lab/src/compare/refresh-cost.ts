import { processorMicroseconds } from '@latchkey/load-generator';
import { AuthClient, sessionTokens } from '@latchkey/local-stack';
import type { SharedParts } from '../architectures/shared-parts.js';
import { logIn } from '../architectures/users.js';
import type { Laboratory } from '../experiment.js';
import type { RefreshCost } from './compare-report.js';

const TOKEN_LIFETIME_SECONDS = 300;
/** Refreshes before the measurement, until the code is compiled. */
const WARM_UP = 100;

/** Rotates one refresh token repeatedly, as its user does once per lifetime of an access token. */
export async function measureRefresh(
  { onProgress }: Laboratory,
  parts: SharedParts,
  username: string,
  count: number,
): Promise<RefreshCost> {
  const { stack } = parts;
  const pids = [stack.replicas.auth.pid, stack.postgres.pid];
  let { refresh_token: refreshToken } = await logIn(parts, username);
  const auth = new AuthClient(stack.issuer);
  const refresh = async () => {
    const answer = await auth.refresh(refreshToken);
    if (answer.status !== 200) throw new Error(`a refresh returned ${answer.status}`);
    ({ refresh_token: refreshToken } = sessionTokens(answer));
  };
  onProgress('refreshing tokens');
  for (let turn = 0; turn < Math.min(WARM_UP, count); turn++) await refresh();
  const before = timesOf(pids);
  for (let turn = 0; turn < count; turn++) await refresh();
  const after = timesOf(pids);
  return {
    cpuMicroseconds:
      before === undefined || after === undefined ? undefined : (after - before) / count,
    tokenLifetimeSeconds: TOKEN_LIFETIME_SECONDS,
  };
}

function timesOf(pids: readonly (number | undefined)[]): number | undefined {
  const times = pids.map((pid) => (pid === undefined ? undefined : processorMicroseconds(pid)));
  return times.reduce((sum, time) =>
    sum === undefined || time === undefined ? undefined : sum + time,
  );
}
