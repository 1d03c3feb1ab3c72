import {
  LatchkeyStack,
  ProcessGroup,
  temporaryDirectory,
  type StackOptions,
} from '@latchkey/local-stack';

export interface RunningStack {
  readonly stack: LatchkeyStack;
  /** Ends everything and removes its data. */
  close(): Promise<void>;
}

/** All of Latchkey as real processes, with data and ports of its own, beside whatever else runs. */
export async function startStack(
  options: Omit<StackOptions, 'processes' | 'stateDirectory' | 'preferredPorts'> = {},
): Promise<RunningStack> {
  const processes = new ProcessGroup();
  try {
    const stack = await LatchkeyStack.start({
      ...options,
      processes,
      stateDirectory: temporaryDirectory(processes),
      preferredPorts: false,
    });
    return { stack, close: () => processes.close() };
  } catch (error) {
    await processes.close();
    throw error;
  }
}
