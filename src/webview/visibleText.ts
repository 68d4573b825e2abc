// Text of which every character can be seen: blanks, line ends, and what would be invisible or turn what stands beside it around.

const marks: Readonly<Record<string, string>> = { ' ': '·', '\n': '↵', '\t': '⇥' };

export function visibleText(text: string): string {
  return text.replace(/[\p{C}\p{Z}]/gu, (character) => marks[character] ?? codeOf(character));
}

/** The same to be read out. */
export function spokenText(text: string): string {
  const names: Readonly<Record<string, string>> = { ' ': ' space ', '\n': ' line end ', '\t': ' tab ' };
  if (text.trim() !== '') return text.trim();
  return [...text]
    .map((character) => names[character] ?? codeOf(character))
    .join('')
    .trim();
}

function codeOf(character: string): string {
  return `\\u{${character.codePointAt(0)!.toString(16).toUpperCase()}}`;
}
