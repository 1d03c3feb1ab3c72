import { z } from 'zod';

/** The maximum size of `rctx` and of `tctx` as JSON, in bytes, so that a token stays below its own limit. */
export const MAX_TRANSACTION_CONTEXT_BYTES = 2 * 1024;

const MAX_DEPTH = 4;
const ENCODER = new TextEncoder();

/** Code that copies members by name would change the prototype of the copy. */
const PROTOTYPE_MEMBERS = new Set(['__proto__', 'constructor', 'prototype']);

/** `rctx` or `tctx` of a transaction token: a JSON object. */
export type TransactionContext = Readonly<Record<string, unknown>>;

/**
 * A JSON object with at most 2 KiB, 4 levels, integers of at most 53 bits, and no member that is named like a part of a
 * prototype.
 */
export const TransactionContext = z.custom<TransactionContext>().check(({ value, issues }) => {
  const problem = problemOf(value);
  if (problem !== undefined) issues.push({ code: 'custom', message: problem, input: value });
});

function problemOf(value: unknown): string | undefined {
  if (!isObject(value) || Array.isArray(value)) return 'must be a JSON object';
  const problem = problemWithin(value, 1);
  if (problem !== undefined) return problem;
  // Not `Buffer`: pages of browsers read these types as well.
  return ENCODER.encode(JSON.stringify(value)).byteLength > MAX_TRANSACTION_CONTEXT_BYTES
    ? `must have at most ${MAX_TRANSACTION_CONTEXT_BYTES} bytes`
    : undefined;
}

function problemWithin(value: unknown, depth: number): string | undefined {
  if (isObject(value)) return problemOfMembers(value, depth);
  if (typeof value === 'string') return value.isWellFormed() ? undefined : NOT_UNICODE;
  if (typeof value === 'number') return problemOfNumber(value);
  return typeof value === 'boolean' || value === null ? undefined : NOT_JSON;
}

function problemOfNumber(value: number): string | undefined {
  // `1e400` is valid JSON, but becomes infinite, which JSON cannot express.
  if (!Number.isFinite(value)) return NOT_JSON;
  // It was rounded when it was parsed, so that the token would have another amount than the client sent.
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? NOT_EXACT : undefined;
}

function problemOfMembers(value: object, depth: number): string | undefined {
  if (!isPlain(value)) return NOT_JSON;
  if (depth > MAX_DEPTH) return `must have at most ${MAX_DEPTH} levels`;
  for (const [name, member] of Object.entries(value)) {
    if (PROTOTYPE_MEMBERS.has(name)) return `must not have a member ${name}`;
    const problem = problemWithin(name, depth) ?? problemWithin(member, depth + 1);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

const NOT_UNICODE = 'has a string that is not Unicode text';
const NOT_JSON = 'has a value that JSON cannot express';
/** RFC 7493 §2.2. */
const NOT_EXACT = 'has an integer that needs more than 53 bits: send it as a string';
/** A `Date` has no members, but becomes a string in JSON. */
const isPlain = (value: object) =>
  Array.isArray(value) || [Object.prototype, null].includes(Object.getPrototypeOf(value) as object);

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
