import type { ClockComparison, DenyList } from '@latchkey/deny-list';

/** Reports when this machine's clock and the issuer's begin to differ, and when they agree again. */
export class ClockWatch {
  #last: Pick<ClockComparison, 'ahead' | 'behind'> = { ahead: false, behind: false };

  constructor(
    private readonly denyList: Pick<DenyList, 'clock'>,
    private readonly onChange: (clock: ClockComparison) => void,
  ) {}

  check(issuer: string | undefined): void {
    const clock = issuer === undefined ? undefined : this.denyList.clock(issuer);
    const { ahead, behind } = this.#last;
    if (!clock || (clock.ahead === ahead && clock.behind === behind)) return;
    this.#last = clock;
    this.onChange(clock);
  }
}
