import { createPublicKey, scrypt, verify, type KeyObject } from 'node:crypto';
import type { Figure, GroupResult } from '../figures.js';
import { measureRounds, type Contender } from '../rounds.js';
import type { RunSize } from '../size.js';
import { ratioOf } from '../statistics.js';
import type { TokenPool } from '../token-pool.js';
import { defineGroup } from '../group.js';

/**
 * Compares signature checks on the calling thread with checks on the thread pool of libuv.
 */
export default defineGroup({ position: 4, measureAlone: measureThreads });

export type ThreadsSize = Pick<RunSize, 'rounds' | 'firstSightTokens'>;

const PASSWORD_HASHES = 8;
const LONE_TOKENS = 25;

/** The signed bytes and the signature. */
type Input = readonly [signed: Buffer, signature: Buffer];

/**
 * Measures the pool with increasing concurrency, and with other work in the pool (ADR 0018). The verifier
 * checks signatures on the calling thread.
 */
export async function measureThreads(
  size: ThreadsSize,
  { jwk, tokens }: TokenPool,
  onProgress?: (message: string) => void,
): Promise<GroupResult> {
  const key = createPublicKey({ key: { ...jwk }, format: 'jwk' });
  const inputs = tokens.slice(0, size.firstSightTokens).map(inputOf);
  const pools = [1, 4, 32, inputs.length].map((waiting) => onPool(key, inputs, waiting));
  const figures = await measureRounds([onThread(key, inputs), ...pools], {
    rounds: size.rounds,
    ...(onProgress && { onProgress }),
  });
  onProgress?.('one check at a time, while passwords are hashed');
  return {
    name: 'threads',
    title: 'Signature checks on the calling thread and on a pool',
    figures: [...figures, ...(await duringPasswordHashes(key, inputs[0]!))],
    ratios: pools.map(({ id, label }) =>
      ratioOf(figures, [id, 'thread'], `${label} ÷ calling thread`),
    ),
    notes: ['The pool may use all cores of the machine, the calling thread only one.'],
  };
}

function inputOf(token: string): Input {
  const end = token.lastIndexOf('.');
  return [Buffer.from(token.slice(0, end)), Buffer.from(token.slice(end + 1), 'base64url')];
}

function onThread(key: KeyObject, inputs: readonly Input[]): Contender {
  return {
    id: 'thread',
    label: 'calling thread',
    run: () => {
      for (const [signed, signature] of inputs) verify('sha256', signed, key, signature);
      return inputs.length;
    },
  };
}

function onPool(key: KeyObject, inputs: readonly Input[], waiting: number): Contender {
  return {
    id: `pool-${waiting}`,
    label: `pool, ${waiting} at once`,
    run: async () => {
      let next = 0;
      const work = async () => {
        while (next < inputs.length) await verifyOnPool(key, inputs[next++]!);
      };
      await Promise.all(Array.from({ length: waiting }, work));
      return inputs.length;
    },
  };
}

function verifyOnPool(key: KeyObject, [signed, signature]: Input): Promise<void> {
  return new Promise((resolve, reject) =>
    verify('sha256', signed, key, signature, (error, good) =>
      good ? resolve() : reject(error ?? new Error('a valid signature was refused')),
    ),
  );
}

/** Measures the latency of a check while the process hashes passwords, as an auth service does. */
async function duringPasswordHashes(key: KeyObject, input: Input): Promise<Figure[]> {
  let over = false;
  const hashing = Array.from({ length: PASSWORD_HASHES }, async () => {
    while (!over) await hashPassword();
  });
  const pool: number[] = [];
  const thread: number[] = [];
  for (let token = 0; token < LONE_TOKENS; token++) {
    pool.push(await microseconds(() => verifyOnPool(key, input)));
    thread.push(await microseconds(() => verify('sha256', input[0], key, input[1])));
  }
  over = true;
  await Promise.all(hashing);
  const meanwhile = `during ${PASSWORD_HASHES} password hashes`;
  return [
    {
      id: 'lone-thread',
      label: `one check on the calling thread ${meanwhile}`,
      unit: 'µs',
      samples: thread,
    },
    { id: 'lone-pool', label: `one check on the pool ${meanwhile}`, unit: 'µs', samples: pool },
  ];
}

function hashPassword(): Promise<void> {
  return new Promise((resolve, reject) =>
    scrypt('password', 'salt', 32, { N: 2 ** 14 }, (error) => (error ? reject(error) : resolve())),
  );
}

async function microseconds(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) * 1_000;
}
