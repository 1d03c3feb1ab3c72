import { z } from 'zod';

/** The parsed values of some variables of a schema. */
type Values<Shape extends z.core.$ZodShape, Name extends keyof Shape> = Pick<
  z.output<z.ZodObject<Shape>>,
  Name & keyof z.output<z.ZodObject<Shape>>
>;

/** Tells `loadConfig` what a broken rule is about. */
export interface RuleParameters {
  readonly reads: readonly string[];
}

/**
 * A rule across variables, for `z.object({…}).check(…)`. zod skips an object's own refinements as soon as any
 * member is invalid; this rule is skipped only if a variable that it reads is invalid.
 *
 * @param reads every variable that `holds` uses
 * @param at the variable to set or correct
 * @param message may name what is wrong, but must quote no value that might be a secret
 */
export function rule<Shape extends z.core.$ZodShape, Name extends keyof Shape & string>(
  _shape: Shape,
  reads: readonly Name[],
  at: NoInfer<Name>,
  message: string | ((values: Values<Shape, Name>) => string),
  holds: (values: Values<Shape, Name>) => boolean,
): z.core.$ZodCheck<Values<Shape, Name>> {
  const isRead = (name: PropertyKey | undefined) => reads.some((read) => read === name);
  return z.refine(holds, {
    path: [at],
    params: { reads } satisfies RuleParameters,
    error: ({ input }) =>
      typeof message === 'string' ? message : message(input as Values<Shape, Name>),
    when: ({ issues }) => !issues.some(({ path }) => isRead(path?.[0])),
  });
}

const isSet = (values: object, name: string): boolean =>
  (values as Readonly<Record<string, unknown>>)[name] !== undefined;

/** Alternatives, of which at most one may be set. */
export const oneOf = <Shape extends z.core.$ZodShape, Name extends keyof Shape & string>(
  shape: Shape,
  ...names: readonly Name[]
) =>
  names.flatMap((name, index) =>
    names
      .slice(0, index)
      .map((before) =>
        rule(
          shape,
          [before, name],
          name,
          `cannot be combined with ${before}: set one of them`,
          (values) => !isSet(values, before) || !isSet(values, name),
        ),
      ),
  );

/** Two variables of which either both or neither must be set. */
export const together = <Shape extends z.core.$ZodShape, Name extends keyof Shape & string>(
  shape: Shape,
  first: Name,
  second: Name,
) =>
  [
    rule(
      shape,
      [first, second],
      second,
      `${first} requires it`,
      (values) => !isSet(values, first) || isSet(values, second),
    ),
    rule(
      shape,
      [first, second],
      first,
      `${second} requires it`,
      (values) => !isSet(values, second) || isSet(values, first),
    ),
  ] as const;
