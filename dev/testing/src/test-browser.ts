import {
  ensureChromium,
  programEnvironment,
  ProcessGroup,
  temporaryDirectory,
} from '@latchkey/local-stack';
import { chromium, type BrowserContext, type BrowserContextOptions } from 'playwright-core';

/** A headless browser. */
export interface TestBrowser {
  /** Opens a context with its own cookies. */
  newContext(options?: BrowserContextOptions): Promise<BrowserContext>;
  close(): Promise<void>;
}

const QUIET = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-gpu',
  '--disable-quic',
  '--disable-sync',
  '--no-first-run',
];

/** Starts Chromium, which is downloaded if it is not installed. */
export async function startTestBrowser(): Promise<TestBrowser> {
  const processes = new ProcessGroup();
  try {
    const program = await ensureChromium({
      processes,
      stateDirectory: temporaryDirectory(processes),
    });
    const browser = await chromium.launch({
      executablePath: program.path,
      env: programEnvironment(program),
      // The sandbox does not work as root or in containers, and the pages are our own.
      chromiumSandbox: false,
      args: QUIET,
    });
    return {
      newContext: (options) => browser.newContext(options),
      close: async () => {
        await browser.close();
        await processes.close();
      },
    };
  } catch (error) {
    await processes.close();
    throw error;
  }
}
