// Sections of a model card that are replaced one by one: what was measured anew takes the place of what stood under the same heading, and
// whatever a person wrote elsewhere stays.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { messageOf, UserError } from '../base/errors.ts';
import { writeFileAtomic } from '../formats/atomicFile.ts';
import { cardFileName } from '../formats/modelFolder.ts';

/** New ones go before this one, or to the end. */
const limits = '## Limits';

/** The card is for people and has no hash. @throws UserError when there is none, or a section has no heading. */
export async function replaceSections(dir: string, sections: readonly string[]): Promise<void> {
  const file = path.join(dir, cardFileName);
  const card = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new UserError(`${file}: cannot be read: ${messageOf(error)}`, { cause: error });
  });
  await writeFileAtomic(file, [sections.reduce(withSection, card)]);
}

/** A section is Markdown that begins with its heading of the second level. @throws UserError */
export function withSection(card: string, section: string): string {
  const [heading = ''] = section.trim().split('\n', 1);
  if (!/^## \S/.test(heading)) {
    throw new UserError(
      `section: expected Markdown that begins with a heading ('## Title'), got ${JSON.stringify(heading)}`,
    );
  }
  const parts = sectionsOf(card);
  const text = `${section.trim()}\n\n`;
  const at = parts.findIndex((part) => headingOf(part) === heading.trim());
  if (at >= 0) return finished(parts.with(at, text));
  const before = parts.findIndex((part) => headingOf(part) === limits);
  return finished(before < 0 ? [...parts, `\n${text}`] : parts.toSpliced(before, 0, text));
}

/** What stands before the first heading, and each heading with what is under it. What looks like one in a block of code is none. */
function sectionsOf(card: string): string[] {
  const parts = [''];
  let inCode = false;
  for (const line of card.split(/(?<=\n)/)) {
    if (line.startsWith('```')) inCode = !inCode;
    if (!inCode && line.startsWith('## ')) parts.push('');
    parts.push((parts.pop() ?? '') + line);
  }
  return parts;
}

function headingOf(part: string): string {
  return part.split('\n', 1)[0]!.trim();
}

function finished(parts: readonly string[]): string {
  return `${parts.join('').trimEnd()}\n`;
}
