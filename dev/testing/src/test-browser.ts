import {
  ensureChromium,
  programEnvironment,
  ProcessGroup,
  temporaryDirectory,
} from '@latchkey/local-stack';
import { chromium, type BrowserContext, type BrowserContextOptions } from 'playwright-core';

/** A real browser of a test's own, without a window, that talks to this machine alone. */
export interface TestBrowser {
  /** What one person has open: its cookies are nobody else's. */
  newPerson(options?: BrowserContextOptions): Promise<BrowserContext>;
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

/** Starts a Chromium: an installed one, or one that is got for it. */
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
      // Its sandbox needs rights that containers and root do not give; it opens our own pages only.
      chromiumSandbox: false,
      args: QUIET,
    });
    return {
      newPerson: (options) => browser.newContext(options),
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
