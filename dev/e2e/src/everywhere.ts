import {
  call,
  PROTECTED_ROUTES,
  VERIFYING_REPLICAS,
  waitFor,
  type LatchkeyStack,
} from '@latchkey/local-stack';

/** The status with which each verifying replica answers a token, in the order of `VERIFYING_REPLICAS`. */
export function statusesEverywhere(stack: LatchkeyStack, token: string): Promise<number[]> {
  return Promise.all(
    VERIFYING_REPLICAS.map(async (name) => {
      const { status } = await call(stack.replicas[name].url + PROTECTED_ROUTES[name], { token });
      return status;
    }),
  );
}

export const ACCEPTED_EVERYWHERE = VERIFYING_REPLICAS.map(() => 200);
export const REFUSED_EVERYWHERE = VERIFYING_REPLICAS.map(() => 401);

/** Waits until every verifying replica refuses the token. */
export function refusedEverywhere(
  stack: LatchkeyStack,
  token: string,
  timeoutMs?: number,
): Promise<true> {
  return waitFor(
    async () => (await statusesEverywhere(stack, token)).join() === REFUSED_EVERYWHERE.join(),
    { what: 'refusal by every service', ...(timeoutMs !== undefined && { timeoutMs }) },
  );
}
