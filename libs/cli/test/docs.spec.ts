import { readFileSync } from 'node:fs';
import { FakeProcess } from './fake-process.js';

const page = (name: string) =>
  readFileSync(new URL(`../../../docs/${name}.md`, import.meta.url), 'utf8');

const fake = new FakeProcess(() => new Error('nothing may be sent'));
afterAll(() => fake.close());

async function commandsIn(...group: string[]): Promise<string[]> {
  const { stdout } = await fake.run(...group, '--help');
  const [, list = ''] = /\nCommands:\n(.*?)\n\n/s.exec(stdout) ?? [];
  const names = [...list.matchAll(/^ {2}([a-z-]+)/gm)].map(([, name = '']) => name);
  return names.filter((name) => name !== 'help');
}

async function allCommands(): Promise<string[]> {
  const groups = await commandsIn();
  const commands = await Promise.all(
    groups.map(async (group) => {
      const names = await commandsIn(group);
      return names.length === 0 ? [group] : names.map((name) => `${group} ${name}`);
    }),
  );
  return commands.flat();
}

it('describes every command in its table', async () => {
  const [, table = ''] = /\n## Commands\n(.*?)\n## /s.exec(page('command-line')) ?? [];
  const cells = table.split('\n').map((line) => line.split('|')[1] ?? '');
  const described = cells.flatMap((cell) => [...cell.matchAll(/`(\S+ [a-z-]+)/g)]);
  const grouped = (await allCommands()).filter((name) => name.includes(' '));
  expect([...new Set(described.map(([, name]) => name))].sort()).toEqual(grouped.sort());
});

it.each(['command-line', 'operations'])('names only commands that exist: %s.md', async (name) => {
  const commands = await allCommands();
  const used = [...page(name).matchAll(/(?:^(?:\$ )?|`)latchkey ([a-z][^\n`]*)/gm)];
  expect(used.length).toBeGreaterThan(5);
  for (const [, text = ''] of used) {
    const [group = '', command = ''] = text.split(/\s+/);
    expect([group, `${group} ${command}`].some((one) => commands.includes(one))).toBe(true);
  }
});
