import { LatchkeyStack, Leash, temporaryDirectory, type StackOptions } from '@latchkey/local-stack';

export interface RunningStack {
  readonly stack: LatchkeyStack;
  /** Ends everything and removes its data. */
  close(): Promise<void>;
}

/** All of Latchkey as real processes, with data and ports of its own, beside whatever else runs. */
export async function startStack(
  options: Omit<StackOptions, 'leash' | 'stateDirectory' | 'preferredPorts'> = {},
): Promise<RunningStack> {
  const leash = new Leash();
  try {
    const stack = await LatchkeyStack.start({
      ...options,
      leash,
      stateDirectory: temporaryDirectory(leash),
      preferredPorts: false,
    });
    return { stack, close: () => leash.close() };
  } catch (error) {
    await leash.close();
    throw error;
  }
}
