// Near-duplicates by lines: a file is dropped when more than half of its long lines (25 characters or more, white space
// removed) were seen in files kept before, or when its set of lines equals that of a kept file.
import { createHash } from 'node:crypto';

const MIN_LINE = 25;
const MAX_SHARE_SEEN = 0.5;

export class NearDuplicates {
  #lines = new Set();
  #files = new Set();

  /** True, and remembered, when the text is new enough. */
  admit(text) {
    const lines = text.split('\n').map((line) => line.replace(/\s+/g, ''));
    const whole = digest([...new Set(lines)].sort().join('\n'));
    const long = lines.filter((line) => line.length >= MIN_LINE).map(digest);
    const seen = long.filter((line) => this.#lines.has(line)).length;
    if (this.#files.has(whole) || (long.length > 0 && seen / long.length > MAX_SHARE_SEEN)) return false;
    this.#files.add(whole);
    for (const line of long) this.#lines.add(line);
    return true;
  }
}

function digest(text) {
  return createHash('md5').update(text).digest('base64').slice(0, 12);
}
