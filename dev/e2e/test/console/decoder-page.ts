import type { Locator, Page } from 'playwright-core';

/** The decoder, as somebody uses it. */
export class DecoderPage {
  readonly token: Locator;

  private constructor(readonly page: Page) {
    this.token = page.getByRole('textbox', { name: 'Token', exact: true });
  }

  /** Waits until the page has found the system that serves it. */
  static async ready(page: Page): Promise<DecoderPage> {
    await page.getByText('This system', { exact: true }).waitFor();
    return new DecoderPage(page);
  }

  /** Enters a text as if it were pasted, and waits until it is judged. */
  async paste(text: string): Promise<void> {
    await this.token.fill('');
    await this.token.fill(text);
    await this.page.locator('[data-verdict]').waitFor();
  }

  /** Pastes a text of many lines, which takes Chromium minutes if it is entered as {@link paste} does. */
  async pasteFromClipboard(text: string): Promise<void> {
    await this.page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(text)})`);
    await this.token.focus();
    await this.page.keyboard.press('Control+V');
  }

  /** Enters a key. */
  async useKey(text: string): Promise<void> {
    await this.page.getByText('Paste', { exact: true }).click();
    await this.page.getByLabel('JWK, JWKS, PEM, certificate or shared secret').fill(text);
  }

  async expect(fields: Readonly<Record<string, string>>): Promise<void> {
    const panel = this.page.locator('details.expected');
    if ((await panel.getAttribute('open')) === null) await panel.locator('summary').click();
    for (const [label, value] of Object.entries(fields)) await panel.getByLabel(label).fill(value);
  }

  /** Waits for a verdict. */
  verdict(verdict: string): Promise<void> {
    return this.page.locator(`[data-verdict=${verdict}]`).waitFor();
  }

  /** Waits until a rule of the checklist is in a state. @returns what the rule says */
  async rule(name: string, state: 'passed' | 'failed' | 'not_checked'): Promise<string> {
    const rule = this.page.locator(`[data-rule=${name}][data-state=${state}]`);
    await rule.waitFor();
    return rule.innerText();
  }

  /** The text of the panel with this title. */
  panel(title: string): Locator {
    return this.page.getByRole('region', { name: title, exact: true });
  }
}
