import { waitFor } from '@latchkey/testing';
import { codeOf, useTokenIssuer } from './token-issuer-fixture.js';
import { ServiceUnavailableError, type ServiceTokensOptions } from '../src/index.js';

const bed = useTokenIssuer();

/** Users who have not called anybody before, as after a cold start. */
const newUsers = (count: number) =>
  Promise.all(Array.from({ length: count }, () => bed.current.principal()));

/** Holds the answers of the issuer back. */
function heldAnswers() {
  let open: (() => void) | undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  bed.current.reply = () => opened.then(() => undefined);
  return { release: () => open?.() };
}

describe('the first calls of many users', () => {
  const callAll = async (count: number, options: Partial<ServiceTokensOptions>) => {
    const tokens = bed.current.tokens(options);
    const users = await newUsers(count);
    const codes = users.map((user) => codeOf(tokens.onBehalfOf(user, 'inventory', 'a')));
    return { tokens, users, codes };
  };

  it('reach the issuer a few at a time, and all get a token', async () => {
    let running = 0;
    let most = 0;
    bed.current.reply = async (form) => {
      most = Math.max(most, ++running);
      const body = await bed.current.issue(form);
      running--;
      return { body };
    };
    const { tokens, codes } = await callAll(100, { bulkhead: { limit: 4 } });
    expect(new Set(await Promise.all(codes))).toEqual(new Set(['no error']));
    expect(most).toBeLessThanOrEqual(4);
    expect(tokens.status()).toMatchObject({ exchanges: 100, waiting: 0 });
  });

  it('are 20 at a time by default', async () => {
    const { release } = heldAnswers();
    const { tokens, codes } = await callAll(50, {});
    await waitFor(() => tokens.status().waiting === 30 && bed.current.requests.length === 20);
    release();
    expect(new Set(await Promise.all(codes))).toEqual(new Set(['no error']));
    expect(bed.current.requests).toHaveLength(50);
  });

  it('fail with a typed error if too many wait, and leave the others alone', async () => {
    const { release } = heldAnswers();
    const { tokens, users, codes } = await callAll(10, { bulkhead: { limit: 2, queue: 3 } });
    const late = await Promise.all(codes.slice(5));
    expect(late).toEqual(late.map(() => 'overloaded'));
    const error: unknown = await tokens
      .onBehalfOf(users[9]!, 'inventory', 'a')
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ServiceUnavailableError);
    expect((error as Error).message).toContain('too many requests to it are waiting');
    expect(tokens.status()).toMatchObject({ waiting: 3, circuit: 'closed', failures: 5 });
    expect(bed.current.events.at(-1)).toMatchObject({
      type: 'issuer_unavailable',
      reason: 'overloaded',
    });
    release();
    expect(await Promise.all(codes.slice(0, 5))).toEqual(Array(5).fill('no error'));
    // For a second, the failure is the answer to this user's calls.
    bed.current.clock.pass(2);
    expect(await codeOf(tokens.onBehalfOf(users[9]!, 'inventory', 'a'))).toBe('no error');
    expect(bed.current.requests).toHaveLength(6);
  });

  it('may be without a queue', async () => {
    const { release } = heldAnswers();
    const { codes } = await callAll(3, { bulkhead: { limit: 1, queue: 0 } });
    expect(await Promise.all(codes.slice(1))).toEqual(['overloaded', 'overloaded']);
    release();
    expect(await codes[0]).toBe('no error');
  });

  it('wait no longer than their deadline, and are not sent after it', async () => {
    const { release } = heldAnswers();
    const circuit = { failures: 1_000 };
    const { tokens, codes } = await callAll(12, {
      bulkhead: { limit: 2 },
      timeoutSeconds: 0.3,
      circuit,
    });
    expect(new Set(await Promise.all(codes))).toEqual(new Set(['deadline']));
    await waitFor(() => tokens.status().waiting === 0);
    expect(bed.current.requests).toHaveLength(2);
    release();
    const [fresh] = await newUsers(1);
    expect(await codeOf(tokens.onBehalfOf(fresh!, 'inventory', 'a'))).toBe('no error');
    expect(bed.current.requests).toHaveLength(3);
  });

  it('do not open the circuit by waiting in vain', async () => {
    const { release } = heldAnswers();
    const { tokens, codes } = await callAll(30, {
      bulkhead: { limit: 2 },
      timeoutSeconds: 0.3,
      circuit: { failures: 3 },
    });
    await Promise.all(codes);
    release();
    expect(tokens.status().circuit).toBe('closed');
  });

  it('end with the process', async () => {
    heldAnswers();
    const { tokens, codes } = await callAll(5, { bulkhead: { limit: 1 } });
    await waitFor(() => bed.current.requests.length === 1);
    tokens.close();
    expect(await Promise.all(codes)).toEqual(Array(5).fill('aborted'));
    expect(bed.current.requests).toHaveLength(1);
  });
});
