// Under which license a file may be learnt from: the repository's own at its root must be the one that the manifest says, and what
// lies below it under another one, in a folder with a license file or with a notice at its head, is left out unless that is permissive, too.

const WORDS = {
  MIT: /permission is hereby granted, free of charge/i,
  'BSD-2-Clause': /redistribution and use in source and binary forms/i,
  'BSD-3-Clause': /redistribution and use in source and binary forms/i,
  'Apache-2.0': /apache license/i,
  ISC: /permission to use, copy, modify,? and(\/or)? distribute/i,
  'BSL-1.0': /boost software license/i,
  Zlib: /this software is provided ['"‘’“”]?as-is/i,
  PostgreSQL: /permission to use, copy, modify, and distribute this software/i,
  curl: /permission to use, copy, modify, and distribute this software/i,
  'CC0-1.0': /cc0|public domain/i,
  Unlicense: /public domain/i,
};
const OTHER =
  /GNU (Affero |Lesser |Library )?General Public|\b[AL]?GPL[ -]?v?\d|Mozilla Public License|Eclipse Public License|Common Development and Distribution|Business Source License|Server Side Public License|Elastic License|Commons Clause|PolyForm|Functional Source License|Enterprise (Edition )?License|commercial license|non-?commercial (use|purposes?) only|Attribution-(NonCommercial|ShareAlike|NoDerivatives)|proprietary and confidential/i;
const SPDX = /SPDX-License-Identifier:\s*([^\r\n*]+)/i;
const LICENSE_NAME = /^(licen[cs]es?|copying|copyright|unlicense)([-_.].*)?$/i;
/** Notices stand at the head of a file. */
const HEAD_LENGTH = 4000;

export function isLicenseFile(name) {
  return (
    LICENSE_NAME.test(name.slice(name.lastIndexOf('/') + 1)) && !/\.(ts|js|py|go|rs|java|c|h|cs|html)$/i.test(name)
  );
}

/** Whether the text of a repository's license files bears out an SPDX expression such as `MIT OR Apache-2.0`. */
export function bearsOut(license, text) {
  return license.split(' OR ').some((name) => {
    if (!WORDS[name]) throw new Error(`corpus: ${name} is not a license that is learnt from`);
    return WORDS[name].test(text);
  });
}

/** Folders, with a slash at their end, whose license file says something else. `files`: names and texts of all license files. */
export function foldersUnderOtherLicenses(files) {
  return files
    .filter(({ name, text }) => name.includes('/') && OTHER.test(text))
    .map(({ name }) => name.slice(0, name.lastIndexOf('/') + 1));
}

/** Whether the head of a source file names another license. */
export function hasOtherLicense(text) {
  const head = text.slice(0, HEAD_LENGTH);
  const spdx = SPDX.exec(head)?.[1];
  if (spdx !== undefined) return !Object.keys(WORDS).some((name) => spdx.includes(name));
  return /licen[cs]e|copyright/i.test(head) && OTHER.test(head);
}

/** The lines that claim a copyright in a license text, for the list of attributions. */
export function copyrightLines(text) {
  const lines = text.split('\n').map((line) => line.trim().replace(/\s+/g, ' '));
  const claims = lines.filter(
    (line) =>
      /^(Portions )?Copyright (\([cC]\)|©|\d|[A-Z][A-Za-z]+ )/i.test(line) &&
      !/\[yyyy\]|<year>|owner|holder|notice|license|statement/i.test(line),
  );
  return [...new Set(claims)];
}
