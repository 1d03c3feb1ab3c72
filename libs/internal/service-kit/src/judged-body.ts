import type { z } from 'zod';
import { invalidInput } from './schema-validation.pipe.js';

/** A body and the result of its validation. */
export type Judged<Value> =
  | { readonly fits: true; readonly value: Value }
  /** `sent` is unvalidated input. */
  | { readonly fits: false; readonly sent: unknown; readonly refusal: Error };

type Standard = z.ZodType['~standard'];

/** The part of a schema that Nest and its OpenAPI document use. */
export interface JudgingSchema<Value> {
  readonly '~standard': Omit<Standard, 'validate' | 'types'> & {
    validate(sent: unknown): { value: Judged<Value> };
  };
}

/**
 * Wraps a body's schema so that it refuses nothing: the handler gets the result, and decides whether an invalid body
 * matters. The OpenAPI document shows the wrapped schema.
 */
export function judgedBy<Schema extends z.ZodType>(schema: Schema): JudgingSchema<z.infer<Schema>> {
  const judge = (sent: unknown): Judged<z.infer<Schema>> => {
    const { success, data, error } = schema.safeParse(sent);
    if (success) return { fits: true, value: data };
    return { fits: false, sent, refusal: invalidInput(error.issues, { type: 'body' }) };
  };
  const standard = schema['~standard'];
  return { '~standard': { ...standard, validate: (sent: unknown) => ({ value: judge(sent) }) } };
}
