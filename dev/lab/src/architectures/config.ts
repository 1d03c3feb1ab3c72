/** The configuration of a guarded orders process, besides that of orders. */
export interface GuardConfig {
  /** The architecture whose guard protects the service. */
  readonly guard: string;
  /** Timeout of an introspection request. Default that of the guard. */
  readonly askMilliseconds: number | undefined;
}

export const GUARD_VARIABLE = 'LAB_GUARD';
export const ASK_MILLISECONDS_VARIABLE = 'LAB_ASK_MILLISECONDS';

export function guardConfig(): GuardConfig {
  const { [GUARD_VARIABLE]: guard = '', [ASK_MILLISECONDS_VARIABLE]: ask } = process.env;
  return { guard, askMilliseconds: ask === undefined ? undefined : Number(ask) };
}
