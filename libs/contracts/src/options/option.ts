const MAX_SHOWN_CHARACTERS = 40;

/** The values that an option may have. */
export interface OptionRule<Value> {
  /** Completes the message "`name` must be …". */
  readonly allowed: string;
  readonly accepts: (value: unknown) => value is Value;
  /** A string may contain a secret, so messages do not quote it. */
  readonly isSecret?: boolean;
}

/**
 * Returns the value of an option, or its default.
 *
 * @throws TypeError that names the option, the allowed values, and the value
 */
export function option<Value>(
  name: string,
  value: unknown,
  rule: OptionRule<Value>,
  defaultValue?: Value,
): Value {
  if (value === undefined && defaultValue !== undefined) return defaultValue;
  if (rule.accepts(value)) return value;
  throw new TypeError(`${name} must be ${rule.allowed}; it is ${describe(value, rule.isSecret)}`);
}

/**
 * Returns the value of an option that may be missing.
 *
 * @throws TypeError as {@link option} does
 */
export function optional<Value>(
  name: string,
  value: unknown,
  rule: OptionRule<Value>,
): Value | undefined {
  return value === undefined ? undefined : option(name, value, rule);
}

const isNonEmptyString = (value: unknown): value is string =>
  typeof value === 'string' && value !== '';

/** Rejects the empty string, which an unset variable often leaves behind. */
export const nonEmptyString: OptionRule<string> = {
  allowed: 'a non-empty string',
  accepts: isNonEmptyString,
};

/** A string that no message may quote. */
export const secretString: OptionRule<string> = { ...nonEmptyString, isSecret: true };

/** One value or several, such as the audiences of a service. */
export const nonEmptyStrings: OptionRule<string | readonly string[]> = {
  allowed: 'a non-empty string or a non-empty array of them',
  accepts: (value): value is string | readonly string[] =>
    Array.isArray(value)
      ? value.length > 0 && value.every(isNonEmptyString)
      : isNonEmptyString(value),
};

/** A URL may contain a password, so no message quotes it. */
export const httpUrl: OptionRule<string | URL> = {
  allowed: 'an http or https URL',
  accepts: (value): value is string | URL =>
    (typeof value === 'string' || value instanceof URL) &&
    URL.canParse(String(value)) &&
    /^https?:$/.test(new URL(value).protocol),
  isSecret: true,
};

/** Timers take at most this many milliseconds. A longer one fires at once. */
const MAX_TIMER_MILLISECONDS = 2 ** 31 - 1;
const MAX_TIMER_SECONDS = Math.floor(MAX_TIMER_MILLISECONDS / 1000);

const isFiniteNumber = (value: unknown): value is number => Number.isFinite(value);

/** Rejects strings, such as those of the environment: `expiresAt + '5'` would be text. */
export const positiveSeconds: OptionRule<number> = {
  allowed: 'a finite, positive number of seconds',
  accepts: (value): value is number => isFiniteNumber(value) && value > 0,
};

/** A duration that may be 0, such as a clock tolerance. */
export const nonNegativeSeconds: OptionRule<number> = {
  allowed: 'a finite, non-negative number of seconds',
  accepts: (value): value is number => isFiniteNumber(value) && value >= 0,
};

/** A duration that a timer measures. */
export const timerSeconds: OptionRule<number> = {
  allowed: `a positive number of seconds, at most ${MAX_TIMER_SECONDS} (24 days)`,
  accepts: (value): value is number =>
    isFiniteNumber(value) && value > 0 && value <= MAX_TIMER_SECONDS,
};

/** A count that may be 0, such as the capacity of a cache. */
export const nonNegativeInteger: OptionRule<number> = {
  allowed: 'a non-negative integer',
  accepts: (value): value is number => Number.isSafeInteger(value) && (value as number) >= 0,
};

/** Rejects arrays, which have no named members. */
export const anObject: OptionRule<object> = {
  allowed: 'an object',
  accepts: (value): value is object =>
    typeof value === 'object' && value !== null && !Array.isArray(value),
};

/** A function. Its parameters cannot be checked, so the caller states its type. */
export function aFunction<Callback>(): OptionRule<Callback> {
  return {
    allowed: 'a function',
    accepts: (value): value is Callback => typeof value === 'function',
  };
}

/** One of several strings. */
export function oneOf<Value extends string>(...values: readonly Value[]): OptionRule<Value> {
  const quoted = values.map((value) => `'${value}'`);
  return {
    allowed: `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`,
    accepts: (value): value is Value => (values as readonly unknown[]).includes(value),
  };
}

function describe(value: unknown, isSecret = false): string {
  if (typeof value === 'string') return describeString(value, isSecret);
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty array' : 'an array';
  if (typeof value === 'object') return 'an object';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return `a ${typeof value}`;
}

function describeString(value: string, isSecret: boolean): string {
  if (value === '') return 'an empty string';
  if (isSecret) return 'another string';
  const shown = value.slice(0, MAX_SHOWN_CHARACTERS);
  return `the string ${JSON.stringify(shown)}${shown === value ? '' : '…'}`;
}
