import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT } from '../../src/config.js';

/** A command that a document tells people to type. */
export interface DocumentedCommand {
  /** Relative to the project. */
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  readonly text: string;
}

/** Those that go on from one another, in the order in which people read them. */
const READ_FIRST = ['README.md', 'docs/loading.md', 'docs/failed-loads.md', 'CONTRIBUTING.md', 'ARCHITECTURE.md'];

/** Documents whose `sh` blocks are run, in the order in which people read them. */
export function documents(): readonly string[] {
  const below = readdirSync(join(PROJECT_ROOT, 'docs'), { recursive: true, encoding: 'utf8' });
  const docs = below.filter((name) => name.endsWith('.md')).map((name) => join('docs', name));
  return [...READ_FIRST, 'CHANGELOG.md', ...docs.filter((name) => !READ_FIRST.includes(name)).sort()];
}

/** The lines of a document's ```sh blocks; comments and empty lines are left out, `\` joins lines. */
export function shellCommands(file: string): readonly DocumentedCommand[] {
  return extractCommands(readFileSync(join(PROJECT_ROOT, file), 'utf8')).map((command) => ({ file, ...command }));
}

export function extractCommands(markdown: string): readonly Omit<DocumentedCommand, 'file'>[] {
  const commands: { line: number; text: string }[] = [];
  let fence = '';
  let open: { line: number; text: string } | undefined;
  markdown.split('\n').forEach((text, index) => {
    if (text.startsWith('```')) {
      fence = fence === '' ? text.slice(3).trim() || 'plain' : '';
      return;
    }
    if (fence !== 'sh' || text.trim() === '' || text.startsWith('#')) return;
    const joined = open === undefined ? text : `${open.text} ${text.trim()}`;
    const entry = { line: open?.line ?? index + 1, text: joined.replace(/\s*\\$/, '') };
    open = text.endsWith('\\') ? entry : undefined;
    if (open === undefined) commands.push(entry);
  });
  return commands;
}
