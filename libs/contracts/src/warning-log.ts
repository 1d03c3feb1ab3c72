const QUIET_PERIOD_MILLISECONDS = 10_000;
const MAX_CAUSES = 4;

/** A warning about a library's configuration, or about a service that the library depends on. */
export interface Warning {
  /** Identifies the cause. */
  readonly reason: string;
  /** A sentence for the log that says what to check. Contains no tokens and no secrets. */
  readonly message: string;
  /** The number of equal warnings that were suppressed since the last one. */
  readonly suppressed: number;
}

/** Limits the rate of warnings to one per reason in 10 seconds, so that bad requests cannot flood a log. */
export class WarningLog {
  readonly #last = new Map<string, { at: number; suppressed: number }>();

  /** @param write must not throw */
  constructor(
    private readonly write: (warning: Warning) => void,
    private readonly monotonicNow: () => number = () => performance.now(),
  ) {}

  /**
   * Writes a warning, or counts it as suppressed if the same reason was written within 10 seconds.
   *
   * @param reason one of a bounded set, because each one takes memory
   */
  warn(reason: string, message: string): void {
    const last = this.#last.get(reason);
    const now = this.monotonicNow();
    if (last && now - last.at < QUIET_PERIOD_MILLISECONDS) {
      last.suppressed++;
      return;
    }
    this.#last.set(reason, { at: now, suppressed: 0 });
    this.write({ reason, message, suppressed: last?.suppressed ?? 0 });
  }
}

/** Formats a warning as one line. */
export function formatWarning({ message, suppressed }: Omit<Warning, 'reason'>): string {
  return suppressed === 0
    ? message
    : `${message} (${suppressed} more like this since the last warning)`;
}

/** Returns an error's message followed by those of its causes, because `fetch failed` alone says little. */
export function describeError(error: unknown): string {
  const texts: string[] = [];
  for (let each = error; isError(each) && texts.length < MAX_CAUSES; each = each.cause)
    texts.push(each.message || (each.code ?? each.name));
  // Messages of OpenSSL end with a line break.
  const text = texts.join(': ').replace(/\s+/g, ' ').trim();
  return text === '' ? 'no reason was given' : text;
}

/** Checks by shape, because `instanceof` fails for errors of another realm, as in test runners. */
function isError(value: unknown): value is Error & { readonly code?: string } {
  return typeof value === 'object' && value !== null && 'message' in value && 'name' in value;
}
