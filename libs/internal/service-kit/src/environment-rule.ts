import { z } from 'zod';

/** What some variables of a schema are when all of them fit. */
type Values<Shape extends z.core.$ZodShape, Name extends keyof Shape> = Pick<
  z.output<z.ZodObject<Shape>>,
  Name & keyof z.output<z.ZodObject<Shape>>
>;

/**
 * A rule across variables, for `z.object({…}).check(…)`. zod's own refinements of an object are skipped
 * as soon as one of its members is wrong; this one is checked unless one that it reads is wrong.
 *
 * @param reads all that `holds` may look at
 * @param at what to set or correct
 */
export function rule<Shape extends z.core.$ZodShape, Name extends keyof Shape & string>(
  _shape: Shape,
  reads: readonly Name[],
  at: NoInfer<Name>,
  message: string,
  holds: (values: Values<Shape, Name>) => boolean,
): z.core.$ZodCheck<Values<Shape, Name>> {
  const isRead = (name: PropertyKey | undefined) => reads.some((read) => read === name);
  return z.refine(holds, {
    path: [at],
    message,
    when: ({ issues }) => !issues.some(({ path }) => isRead(path?.[0])),
  });
}

const isSet = (values: object, name: string): boolean =>
  (values as Readonly<Record<string, unknown>>)[name] !== undefined;

/** At most one of several ways to say the same. */
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
          `cannot be set beside ${before}`,
          (values) => !isSet(values, before) || !isSet(values, name),
        ),
      ),
  );

/** Both of a pair or none. */
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
      `goes together with ${first}`,
      (values) => !isSet(values, first) || isSet(values, second),
    ),
    rule(
      shape,
      [first, second],
      first,
      `goes together with ${second}`,
      (values) => !isSet(values, second) || isSet(values, first),
    ),
  ] as const;
