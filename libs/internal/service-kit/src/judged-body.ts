import type { z } from 'zod';
import { invalidInput } from './schema-validation.pipe.js';

/** A body and what its schema says about it. */
export type Judged<Value> =
  | { readonly fits: true; readonly value: Value }
  /** `sent` has not been checked at all. */
  | { readonly fits: false; readonly sent: unknown; readonly refusal: Error };

type Standard = z.ZodType['~standard'];

/** What Nest and its OpenAPI document need of a schema. */
export interface JudgingSchema<Value> {
  readonly '~standard': Omit<Standard, 'validate' | 'types'> & {
    validate(sent: unknown): { value: Judged<Value> };
  };
}

/**
 * For a body. A schema that refuses nothing: the handler gets the judgement, and decides whether it matters. The
 * OpenAPI document shows the schema inside.
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
