import { scrypt, verify } from 'node:crypto';
import { makeBenchIssuer, makeTokens, type BenchIssuer } from './bench-issuer.js';
import type { Measure } from './group.js';
import { interleave, type Variant } from './rounds.js';
import { compare, figure, type Figure } from './statistics.js';

const TOKENS = 2_000;
const PASSWORD_HASHES = 8;
const LONE_TOKENS = 30;

type Input = readonly [Buffer, Buffer];

/** The signature check on the calling thread beside the same on libuv's pool (ADR 0018). */
export const measureThreads: Measure = async (extent, progress) => {
  const issuer = makeBenchIssuer();
  const inputs = makeTokens(issuer, TOKENS, progress).map((token): Input => {
    const end = token.lastIndexOf('.');
    return [Buffer.from(token.slice(0, end)), Buffer.from(token.slice(end + 1), 'base64url')];
  });
  const thread: Variant = {
    name: 'calling thread',
    run: () => {
      for (const [input, signature] of inputs) verify('sha256', input, issuer.publicKey, signature);
      return inputs.length;
    },
  };
  const pools = [1, 4, 32, TOKENS].map((waiting) => onPool(issuer, inputs, waiting));
  const figures = await interleave([thread, ...pools], { ...extent, progress });
  progress('one token beside password hashes');
  const lone = await besidePasswordHashes(issuer, inputs[0]!);
  return {
    figures: [...figures.values(), ...lone],
    comparisons: pools.map(({ name }) => compare(figures.get(name)!, figures.get(thread.name)!)),
    notes: ['the pool can use all cores that this process may run on, the calling thread one'],
  };
};

function onPool({ publicKey }: BenchIssuer, inputs: readonly Input[], waiting: number): Variant {
  return {
    name: `pool, ${waiting} waiting`,
    run: async () => {
      let next = 0;
      const work = async () => {
        while (next < inputs.length) await verifyOnPool(publicKey, inputs[next++]!);
      };
      await Promise.all(Array.from({ length: waiting }, work));
      return inputs.length;
    },
  };
}

function verifyOnPool(key: BenchIssuer['publicKey'], [input, signature]: Input): Promise<void> {
  return new Promise((resolve, reject) =>
    verify('sha256', input, key, signature, (error, good) =>
      good ? resolve() : reject(error ?? new Error('refused')),
    ),
  );
}

/** What a token waits for while the process hashes passwords, as an auth service does. */
async function besidePasswordHashes(issuer: BenchIssuer, input: Input): Promise<Figure[]> {
  let over = false;
  const hashing = Array.from({ length: PASSWORD_HASHES }, async () => {
    while (!over) await hashPassword();
  });
  const pool: number[] = [];
  const thread: number[] = [];
  for (let token = 0; token < LONE_TOKENS; token++) {
    pool.push(await microseconds(() => verifyOnPool(issuer.publicKey, input)));
    thread.push(await microseconds(() => verify('sha256', input[0], issuer.publicKey, input[1])));
  }
  over = true;
  await Promise.all(hashing);
  const beside = `beside ${PASSWORD_HASHES} password hashes`;
  return [
    figure(`one token on the calling thread, ${beside}`, 'µs', thread),
    figure(`one token on the pool, ${beside}`, 'µs', pool),
  ];
}

const hashPassword = () =>
  new Promise<void>((resolve, reject) =>
    scrypt('password', 'salt', 32, { N: 2 ** 14 }, (error) => (error ? reject(error) : resolve())),
  );

async function microseconds(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) * 1_000;
}
