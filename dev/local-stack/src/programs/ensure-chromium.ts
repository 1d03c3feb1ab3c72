import {
  ensureProgram,
  type EnsureProgramOptions,
  type Program,
  type WantedProgram,
} from './ensure-program.js';

const CHROMIUM: WantedProgram = {
  name: 'chromium',
  otherNames: ['chromium-browser', 'google-chrome', 'google-chrome-stable'],
  // Tells every server where a request comes from (Fetch Metadata), and knows the prefix `__Host-`.
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
    'macOS:   brew install --cask chromium, and a link to it on the PATH',
    'Windows: winget install Google.Chrome, and its directory on the PATH',
  ],
};

/**
 * A real browser, for tests of what only a browser does.
 * @throws {ProgramMissingError}
 */
export function ensureChromium(options: EnsureProgramOptions): Promise<Program> {
  return ensureProgram(CHROMIUM, options);
}
