import {
  LatchkeyStack,
  ProcessGroup,
  temporaryDirectory,
  type StackOptions,
} from '@latchkey/local-stack';

export interface RunningStack {
  readonly stack: LatchkeyStack;
  /** Ends all processes and deletes their data. */
  close(): Promise<void>;
}

/** Starts a complete Latchkey as processes, with its own data and ports. */
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
