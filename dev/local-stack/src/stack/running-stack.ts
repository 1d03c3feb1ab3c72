import { ProcessGroup } from '../processes/process-group.js';
import { temporaryDirectory } from '../processes/temporary-directory.js';
import { LatchkeyStack, type StackOptions } from './latchkey-stack.js';

/** Options of a stack with its own processes, data and ports. */
export type RunningStackOptions = Omit<
  StackOptions,
  'processes' | 'stateDirectory' | 'preferredPorts'
>;

export interface RunningStack {
  readonly stack: LatchkeyStack;
  /** Ends all processes and deletes their data. */
  close(): Promise<void>;
}

/** Starts a complete Latchkey as processes, with its own data and ports. */
export async function startStack(options: RunningStackOptions = {}): Promise<RunningStack> {
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
