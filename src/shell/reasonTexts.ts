// Why a file is not read, in words, by what the processes call the reasons.

const reasonWords: Readonly<Record<string, string>> = {
  ignored: 'ignored by git',
  excluded: 'hidden by files.exclude or search.exclude',
  link: 'a link, which is not followed',
  notAFile: 'not a file',
  tooDeep: 'too many folders deep',
  tooLarge: 'too large',
  unreadable: 'cannot be read',
  vanished: 'gone meanwhile',
  empty: 'empty',
  secret: 'may hold secrets',
  binary: 'binary',
  generated: 'generated',
  minified: 'minified',
  duplicate: 'the same as another',
  nearDuplicate: 'nearly the same as another',
  corrupt: 'broken, or no image',
  unsupported: 'a kind of image that is not decoded',
};

/** One that is not known here is shown as it is called. */
export function reasonText(reason: string): string {
  return reasonWords[reason] ?? reason;
}
