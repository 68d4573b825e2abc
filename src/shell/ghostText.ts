// May this text be shown after the cursor, and how much of what follows on the line does it replace? A suggestion never
// repeats what is already there: closing brackets and quotes that the editor put behind the cursor are taken into it, and
// so is a rest of the line that it ends with.

export interface GhostText {
  readonly text: string;
  /** UTF-16 units after the cursor that `text` contains and replaces; never beyond the line. */
  readonly replaceAfter: number;
}

const closers: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' };
const openers = new Set(Object.values(closers));
const quotes = new Set(['"', "'", '`']);

/** `following` begins at the cursor; undefined: the text would add nothing. */
export function ghostText(suggestion: string, following: string): GhostText | undefined {
  const rest = /^[^\r\n]*/.exec(following)?.[0] ?? '';
  const bareRest = rest.trimEnd();
  const closing = leadingClosers(bareRest);
  // Text that goes on in the line stays after the suggestion, so that only its first line has a place before it.
  const text = bareRest.length > closing ? suggestion.split('\n', 1)[0]! : suggestion;
  if (text.trim() === '') return undefined;
  if (bareRest !== '' && text.endsWith(bareRest)) {
    return text === bareRest ? undefined : { text, replaceAfter: bareRest.length };
  }
  const replaceAfter = takenIn(text, bareRest.slice(0, closing));
  return text === bareRest.slice(0, replaceAfter) ? undefined : { text, replaceAfter };
}

function leadingClosers(rest: string): number {
  return /^[)\]}"'`;,]*/.exec(rest)?.[0].length ?? 0;
}

/** How many of the brackets and quotes behind the cursor the text closes itself: those it does not open, in their order. */
function takenIn(text: string, behind: string): number {
  let taken = 0;
  const open: string[] = [];
  for (const character of text) {
    const innermost = open.at(-1) ?? '';
    if (quotes.has(innermost)) {
      // An apostrophe in a comment ends with its line.
      if (character === innermost || (character === '\n' && innermost !== '`')) open.pop();
    } else if (character in closers) {
      if (innermost === closers[character]) open.pop();
      else if (character === behind[taken]) taken++;
    } else if (quotes.has(character) && character === behind[taken]) taken++;
    else if (quotes.has(character) || openers.has(character)) open.push(character);
  }
  return taken;
}
