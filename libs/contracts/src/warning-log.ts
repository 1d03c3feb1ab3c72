/** At most one line for a reason in this time. */
const QUIET_MILLISECONDS = 10_000;
const MAX_CAUSES = 4;

/** Something is wrong with how a library is set up or with what it needs, and what to check. */
export interface Warning {
  /** One for each cause that is told apart. */
  readonly reason: string;
  /** A sentence for the log. No token and no secret is in it. */
  readonly message: string;
  /** How often the same was not told since the last time. */
  readonly suppressed: number;
}

/** Tells of troubles, each reason once in ten seconds: bad requests must not fill a log. */
export class WarningLog {
  readonly #told = new Map<string, { at: number; suppressed: number }>();

  /** @param write must not throw */
  constructor(
    private readonly write: (warning: Warning) => void,
    private readonly monotonicNow: () => number = () => performance.now(),
  ) {}

  /**
   * Writes it, unless the same reason was written a moment ago; then it is counted.
   *
   * @param reason one of a bounded number: each takes memory
   */
  tell(reason: string, message: string): void {
    const last = this.#told.get(reason);
    const now = this.monotonicNow();
    if (last && now - last.at < QUIET_MILLISECONDS) {
      last.suppressed++;
      return;
    }
    this.#told.set(reason, { at: now, suppressed: 0 });
    this.write({ reason, message, suppressed: last?.suppressed ?? 0 });
  }
}

/** A trouble as one line. */
export function formatWarning({ message, suppressed }: Omit<Warning, 'reason'>): string {
  return suppressed === 0
    ? message
    : `${message} (and ${suppressed} times more since the last line)`;
}

/** What an error says, with the causes behind it: `fetch failed` alone tells nobody what to do. */
export function describeError(error: unknown): string {
  const texts: string[] = [];
  for (let each = error; isError(each) && texts.length < MAX_CAUSES; each = each.cause)
    texts.push(each.message || (each.code ?? each.name));
  // OpenSSL's end with a line break.
  const text = texts.join(': ').replace(/\s+/g, ' ').trim();
  return text === '' ? 'no reason was given' : text;
}

/** By its looks: those of `fetch` come from another realm in a test runner, and are no `instanceof`. */
function isError(value: unknown): value is Error & { readonly code?: string } {
  return typeof value === 'object' && value !== null && 'message' in value && 'name' in value;
}
