import {
  ensureProgram,
  type EnsureProgramOptions,
  type Program,
  type WantedProgram,
} from './ensure-program.js';

const CHROMIUM: WantedProgram = {
  name: 'chromium',
  otherNames: ['chromium-browser', 'google-chrome', 'google-chrome-stable'],
  // Sends Fetch Metadata and supports the cookie prefix `__Host-`.
  oldestVersion: '100.0.0',
  package: {
    packageName: 'chromium',
    suite: 'own',
    file: 'usr/lib/chromium/chromium',
    withSiblings: true,
  },
  privateLibraries: ['pulseaudio'],
  howToInstall: [
    'Linux:   apt-get install chromium   (or https://www.google.com/chrome)',
    'macOS:   brew install --cask chromium, and link it into a directory on the PATH',
    'Windows: winget install Google.Chrome, and add its directory to the PATH',
  ],
};

/**
 * Finds or downloads Chromium, for tests of what only a real browser does.
 * @throws {ProgramMissingError}
 */
export function ensureChromium(options: EnsureProgramOptions): Promise<Program> {
  return ensureProgram(CHROMIUM, options);
}
