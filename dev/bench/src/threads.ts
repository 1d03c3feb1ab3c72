import { createPublicKey, scrypt, verify, type KeyObject } from 'node:crypto';
import type { Figure, GroupResult } from './figures.js';
import { measureRounds, type Contender } from './rounds.js';
import type { Scale } from './scale.js';
import { ratioOf } from './statistics.js';
import type { TokenPool } from './token-pool.js';

export type ThreadsScale = Pick<Scale, 'rounds' | 'firstSightTokens'>;

const PASSWORD_HASHES = 8;
const LONE_TOKENS = 25;

/** What is signed, and the signature. */
type Input = readonly [signed: Buffer, signature: Buffer];

/**
 * The signature check on the calling thread, as the verifier does it, beside the same on libuv's
 * pool: with more and more tokens waiting, and with other work in the pool (ADR 0018).
 */
export async function measureThreads(
  scale: ThreadsScale,
  { jwk, tokens }: TokenPool,
  onProgress?: (message: string) => void,
): Promise<GroupResult> {
  const key = createPublicKey({ key: { ...jwk }, format: 'jwk' });
  const inputs = tokens.slice(0, scale.firstSightTokens).map(inputOf);
  const pools = [1, 4, 32, inputs.length].map((waiting) => onPool(key, inputs, waiting));
  const figures = await measureRounds([onThread(key, inputs), ...pools], {
    rounds: scale.rounds,
    ...(onProgress && { onProgress }),
  });
  onProgress?.('one token beside password hashes');
  return {
    name: 'threads',
    title: 'Signature checks on the calling thread and on a pool',
    figures: [...figures, ...(await besidePasswordHashes(key, inputs[0]!))],
    ratios: pools.map(({ id, label }) => ratioOf(figures, [id, 'thread'], `${label} ÷ thread`)),
    notes: ['The pool may use every core of the machine, the calling thread is one.'],
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
    label: `pool, ${waiting} waiting`,
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
      good ? resolve() : reject(error ?? new Error('a good signature was refused')),
    ),
  );
}

/** What a token waits for in a process that hashes passwords meanwhile, as an auth service does. */
async function besidePasswordHashes(key: KeyObject, input: Input): Promise<Figure[]> {
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
  const beside = `beside ${PASSWORD_HASHES} password hashes`;
  return [
    { id: 'lone-thread', label: `one on the thread, ${beside}`, unit: 'µs', samples: thread },
    { id: 'lone-pool', label: `one on the pool, ${beside}`, unit: 'µs', samples: pool },
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
