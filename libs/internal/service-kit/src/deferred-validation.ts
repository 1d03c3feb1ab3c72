import type { z } from 'zod';
import { invalidInput } from './schema-validation.pipe.js';

/** A body and the result of its validation. */
export type Validated<Value> =
  | { readonly valid: true; readonly value: Value }
  /** `sent` is unvalidated input. */
  | { readonly valid: false; readonly sent: unknown; readonly refusal: Error };

type Standard = z.ZodType['~standard'];

/** The part of a schema that Nest and its OpenAPI document use. */
export interface DeferringSchema<Value> {
  readonly '~standard': Omit<Standard, 'validate' | 'types'> & {
    validate(sent: unknown): { value: Validated<Value> };
  };
}

/**
 * Wraps a body's schema so that it refuses nothing: the handler gets the result, and decides whether an invalid body
 * matters. The OpenAPI document shows the wrapped schema.
 */
export function deferValidation<Schema extends z.ZodType>(
  schema: Schema,
): DeferringSchema<z.infer<Schema>> {
  const validate = (sent: unknown): Validated<z.infer<Schema>> => {
    const { success, data, error } = schema.safeParse(sent);
    if (success) return { valid: true, value: data };
    return { valid: false, sent, refusal: invalidInput(error.issues, { type: 'body' }) };
  };
  const standard = schema['~standard'];
  return { '~standard': { ...standard, validate: (sent: unknown) => ({ value: validate(sent) }) } };
}
