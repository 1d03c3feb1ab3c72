export const START_MILLISECONDS = 1_800_000_000_000;

/** The true time, by which the auth service dates. Only steps advance it. */
export class WorldClock {
  now = START_MILLISECONDS;

  pass(milliseconds: number): void {
    this.now += milliseconds;
  }
}
