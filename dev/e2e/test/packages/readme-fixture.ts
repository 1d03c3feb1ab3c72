import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { CHECKOUT, type Library } from './empty-project-fixture.js';

/** The README of a library: its first example, and the packages to install for it. */
export class Readme {
  readonly #text: string;

  constructor(library: Library) {
    this.#text = readFileSync(join(CHECKOUT, 'libs', library, 'README.md'), 'utf8');
  }

  /** The first example, with placeholders replaced by actual values. */
  example(replacing: Readonly<Record<string, string>> = {}): string {
    let example = this.#firstBlock('js|ts');
    for (const [placeholder, actual] of Object.entries(replacing)) {
      if (!example.includes(placeholder))
        throw new Error(`the example does not contain ${placeholder}`);
      example = example.replaceAll(placeholder, actual);
    }
    return example;
  }

  /** The packages in the first `npm install` line. */
  get installed(): string[] {
    const line = /^npm install (.*)$/m.exec(this.#firstBlock('sh'));
    return line?.[1]?.split(/\s+/) ?? [];
  }

  /** The packages that the example imports. */
  get imported(): string[] {
    const specifiers = [...this.example().matchAll(/(?:from|^import) '([^']+)'/gm)];
    return specifiers
      .map(([, specifier = '']) => specifier)
      .filter((specifier) => !specifier.startsWith('node:') && !builtinModules.includes(specifier))
      .map((specifier) => /^(@[^/]+\/)?[^/]+/.exec(specifier)![0]);
  }

  /** The targets of links within the repository. */
  get links(): string[] {
    const targets = [...this.#text.matchAll(/\]\(([^)#]+)\)/g)].map(([, target = '']) => target);
    return targets.filter((target) => !URL.canParse(target));
  }

  #firstBlock(language: string): string {
    const block = new RegExp(`^\`\`\`(?:${language})\\n(.*?)^\`\`\``, 'ms').exec(this.#text);
    if (!block?.[1]) throw new Error(`the README has no ${language} block`);
    return block[1];
  }
}
