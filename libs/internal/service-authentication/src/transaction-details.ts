import type { Principal } from '@latchkey/verifier';
import { AccessTokenException } from '@latchkey/verifier-nestjs';
import type { z } from 'zod';

/**
 * Reads what the transaction of a request is about (`tctx`), so that a handler can refuse a request about anything
 * else: a stolen transaction token is then good for that one thing only.
 *
 * @returns undefined if the request came without a transaction token
 * @throws AccessTokenException 403 `outside_transaction` if the transaction is about something of another kind
 */
export function transactionDetails<Details>(
  { transaction }: Principal,
  schema: z.ZodType<Details>,
): Details | undefined {
  if (!transaction) return undefined;
  const { success, data } = schema.safeParse(transaction.details);
  if (!success) throw outsideTransaction();
  return data;
}

/** 403. The request is not about what its transaction is about. */
export const outsideTransaction = () =>
  new AccessTokenException(
    {
      status: 403,
      code: 'outside_transaction',
      title: 'The request is not what the transaction is about',
      detail: 'The details of the transaction token (tctx) say what it is about',
    },
    {},
  );
