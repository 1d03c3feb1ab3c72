import { z } from 'zod';
import { distributionSchema, list, summarySchema } from '../report-schema.js';
import { callWaySchema, hopSchema } from './call-way.js';

/** Requests to auth, as auth counted them. */
const requestsSchema = z.object({
  orders: z.number(),
  /** Tokens that were exchanged, or transactions that were begun. */
  exchanges: z.number(),
  /** Tokens of orders itself. */
  ownTokens: z.number(),
});
export type TokenRequests = z.infer<typeof requestsSchema>;

const countedSchema = z.object({
  customers: z.number(),
  /** The first order of each customer. */
  first: requestsSchema,
  /** All others. */
  next: requestsSchema,
});
export type CountedOrders = z.infer<typeof countedSchema>;

/** What one order sends, in bytes. */
const bytesSchema = z.object({
  calls: z.number(),
  /** The tokens in the headers of the calls to inventory and payments. */
  tokens: z.number(),
  /** All header lines of these calls. */
  headers: z.number(),
  /** Headers and bodies of the requests to auth and its responses, in the first order of a customer. */
  authFirst: z.number(),
  /** The same, in the next order. */
  authNext: z.number(),
});
export type OrderBytes = z.infer<typeof bytesSchema>;

/** Milliseconds from the request of a customer to the end of the response. */
const latencySchema = z.object({
  all: distributionSchema,
  /** The medians of the rounds. */
  medians: summarySchema,
});
export type ChainLatency = z.infer<typeof latencySchema>;

/** A request with a stolen token. */
const attemptSchema = z.object({
  service: z.string(),
  operation: z.string(),
  status: z.number(),
});
export type Attempt = z.infer<typeof attemptSchema>;

const theftSchema = z.object({
  /** Where the token was stolen. */
  hop: hopSchema,
  attempts: list(attemptSchema),
});
export type Theft = z.infer<typeof theftSchema>;

const waySchema = z.object({
  way: callWaySchema,
  counted: list(countedSchema),
  bytes: bytesSchema,
  warm: latencySchema,
  cold: latencySchema,
  thefts: list(theftSchema),
});
export type MeasuredWay = z.infer<typeof waySchema>;

export const tokensSchema = z.object({
  rounds: z.number(),
  warmOrders: z.number(),
  coldOrders: z.number(),
  ways: list(waySchema),
});
export type TokensReport = z.infer<typeof tokensSchema>;
