import { startTestBrowser, type TestBrowser } from '@latchkey/testing/browser';
import { Controller, Get, Module } from '@nestjs/common';
import { startService, type RunningService } from './index.js';

@Controller('things')
class ThingsController {
  @Get()
  all() {
    return ['a thing'];
  }
}

@Module({ controllers: [ThingsController] })
class ThingsModule {}

/** What an attacker who injects markup into the page would try. */
const INTRUDER = `(async () => {
  const script = document.createElement('script');
  script.textContent = 'window.injected = true';
  document.head.append(script);
  const foreign = await fetch('http://127.0.0.2:9/').catch(String);
  return { injected: 'injected' in window, foreign };
})()`;

describe('the documentation page in a real browser', () => {
  let browser: TestBrowser;
  let service: RunningService;

  beforeAll(async () => {
    browser = await startTestBrowser();
    service = await startService({
      name: 'things',
      module: ThingsModule,
      host: '127.0.0.1',
      port: 0,
      logLevel: 'silent',
      openApi: { title: 'Things', description: 'For tests' },
      handleSignals: false,
    });
  });
  afterAll(async () => {
    await browser?.close();
    await service?.close();
  });

  it('works under a policy that allows it to load from and call its own service only', async () => {
    const page = await (await browser.newContext()).newPage();
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    const response = await page.goto(`${service.url}/docs`);
    const policy = response?.headers()['content-security-policy'] ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("frame-ancestors 'none'");
    await page.getByRole('button', { name: 'GET /things' }).first().click();
    await page.getByRole('button', { name: 'Try it out' }).click();
    await page.getByRole('button', { name: 'Execute' }).click();
    await page.getByText('"a thing"').first().waitFor();
    expect(complaints).toEqual([]);
    const ran = await page.evaluate(INTRUDER);
    expect(ran).toEqual({ injected: false, foreign: 'TypeError: Failed to fetch' });
    expect(complaints.join('\n')).toContain('Content Security Policy');
  });
});
