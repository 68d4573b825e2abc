// May this text be shown after the cursor, and how much of what follows on the line does it replace? A suggestion never
// repeats what is already there: brackets and quotes that the editor closed behind the cursor are taken into it as far as the
// text closes them itself, and so is a rest of the line that it ends with. What the text does not say again stays.
//
//   foo(|);   `a, b)`    takes `)`        foo(a, b);
//   foo(|);   `bar()`    takes nothing    foo(bar());

export interface GhostText {
  readonly text: string;
  /** UTF-16 units after the cursor that `text` contains and replaces; never beyond the line. */
  readonly replaceAfter: number;
}

/** A closing bracket, or quotes, behind the cursor. */
interface Mark {
  /** Blanks and separators before it. */
  readonly between: string;
  readonly text: string;
  /** Where it ends in the rest of the line. */
  readonly end: number;
}

const openerOf: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' };
const openers = new Set(Object.values(openerOf));
const quotes = new Set(['"', "'", '`']);

/** `following` begins at the cursor; undefined: the text would add nothing. */
export function ghostText(suggestion: string, following: string): GhostText | undefined {
  const rest = (/^[^\r\n]*/.exec(following)?.[0] ?? '').trimEnd();
  const marks = closingMarks(rest);
  // Text that goes on in the line stays after the suggestion, so that only its first line has a place before it.
  const goesOn = /[^\s;,]/.test(rest.slice(marks.at(-1)?.end ?? 0));
  const said = goesOn ? suggestion.split('\n', 1)[0]! : suggestion;
  const { replaceAfter, wellFormed } = takenIn(said, rest, marks);
  const next = marks.find(({ end }) => end > replaceAfter)?.text;
  // No statement ends within the parentheses that stay open.
  const endsTooEarly = wellFormed && (next === ')' || next === ']') && rest.endsWith(';') && said.endsWith(';');
  const text = endsTooEarly ? said.slice(0, -1) : said;
  return text.trim() === '' || text === rest.slice(0, replaceAfter) ? undefined : { text, replaceAfter };
}

function closingMarks(rest: string): Mark[] {
  const marks: Mark[] = [];
  let end = 0;
  for (;;) {
    const [all, between = '', text = '', quote] = /^([\s;,]*)([)\]}]|(["'`])\3*)/.exec(rest.slice(end)) ?? [];
    // A string begins and ends in the rest of the line, unless one is open at the cursor.
    if (all === undefined || (quote && rest.slice(end).split(quote).length % 2 === 1)) return marks;
    end += all.length;
    marks.push({ between, text, end });
  }
}

/** How much of the rest the text says itself: all of it at its end, else the brackets and quotes that it closes. */
function takenIn(text: string, rest: string, marks: readonly Mark[]): { replaceAfter: number; wellFormed: boolean } {
  const open: string[] = [];
  let numTaken = 0;
  let takenTo = 0;
  const takes = (at: number) => {
    const mark = marks[numTaken];
    if (!mark || !text.startsWith(mark.text, at) || !text.slice(takenTo, at).includes(mark.between)) return false;
    numTaken++;
    takenTo = at + mark.text.length;
    return true;
  };
  for (let i = 0; i < text.length; i++) {
    const left = rest.slice(marks[numTaken - 1]?.end ?? 0);
    if (open.length === 0 && endsWith(text, i, left)) return { replaceAfter: rest.length, wellFormed: true };
    const character = text.charAt(i);
    const wanted = marks[numTaken]?.text.charAt(0) ?? '';
    if (character === '\\') i++;
    else if (quotes.has(wanted)) {
      // Until then it is the inside of a string.
      if (takes(i)) i = takenTo - 1;
    } else if (quotes.has(character)) {
      const end = stringEnd(text, i);
      if (end !== undefined) i = end;
      else if (marks.slice(0, numTaken).some((mark) => mark.text === character) && !text.includes('\n', i)) {
        open.push(character);
        break;
      }
    } else if (openers.has(character)) open.push(character);
    else if (open.length === 0) takes(i);
    else if (open.at(-1) === openerOf[character]) open.pop();
  }
  // What the text opens again is closed by marks that it took: `a), bar(b` before `)`.
  const numKept = Math.max(0, numTaken - open.length);
  const closed = open.toReversed().every((opener, i) => closes(marks[numKept + i], opener));
  return { replaceAfter: marks[(closed ? numKept : numTaken) - 1]?.end ?? 0, wellFormed: open.length === 0 };
}

/** Whether the text from there on is the rest of the line; half a word is not what stands there. */
function endsWith(text: string, at: number, rest: string): boolean {
  if (rest === '' || text.length - at !== rest.length || !text.endsWith(rest)) return false;
  return !(isWord(text.charAt(at - 1)) && isWord(rest.charAt(0)));
}

function isWord(character: string): boolean {
  return /[\p{L}\p{M}\p{N}_$]/u.test(character);
}

/** Where the string literal that begins here ends; an apostrophe in prose begins none. */
function stringEnd(text: string, at: number): number | undefined {
  const quote = text.charAt(at);
  for (let i = at + 1; i < text.length; i++) {
    const character = text.charAt(i);
    if (character === '\\') i++;
    else if (character === quote) return i;
    else if (character === '\n' && quote !== '`') return undefined;
  }
  return undefined;
}

function closes(mark: Mark | undefined, opener: string): boolean {
  return mark !== undefined && (openerOf[mark.text] ?? mark.text) === opener;
}
