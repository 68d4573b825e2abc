// Texts that hold a secret, known by its form; files that hold one by their name are in base/secretPaths.ts. When in doubt it
// is a secret: a file too few costs little. Nothing here ever returns the secret itself.

/** What kind of secret a text holds; undefined when none is seen. `path` is relative, with forward slashes. */
export function findSecret(path: string, text: string): string | undefined {
  for (const [kind, pattern] of secretForms) {
    if (pattern.test(text)) return kind;
  }
  for (const [, name = '', value = ''] of text.matchAll(quoted)) {
    const least = passName.test(name) ? 12 : 24;
    if (value.length >= least && isMixed(value) && !(value.length < 24 && isWordy(value))) return 'a secret in quotes';
  }
  if (!settingsFile.test(path)) return undefined;
  for (const form of [assigned, field]) {
    for (const [, name = '', value = ''] of text.matchAll(form)) {
      if (!isMixed(value) || placeholder.test(value)) continue;
      if (passName.test(name) || (value.length >= 16 && !isWordy(value))) return 'a secret in a setting';
    }
  }
  return undefined;
}

/** Every repetition is bounded, so that no text makes the search slow. */
const secretForms: readonly (readonly [kind: string, form: RegExp])[] = [
  ['a private key', /-----BEGIN (?:[A-Z0-9]{1,20} ){0,4}PRIVATE KEY(?: BLOCK)?-----|PuTTY-User-Key-File-\d/],
  ['an AWS access key', /\b(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16}\b/],
  ['a GitHub token', /\bgh[pousr]_[A-Za-z0-9]{30,}|\bgithub_pat_[A-Za-z0-9_]{40,}/],
  ['a GitLab token', /\bgl(?:pat|ptt|rt|dt|cbt)-[A-Za-z0-9_-]{20,}/],
  ['a Slack token', /\bxox[abeoprs]-[A-Za-z0-9-]{10,}|hooks\.slack\.com\/services\/T\w+\/B\w+\/\w{20,}/],
  ['a Google API key', /\bAIza[0-9A-Za-z_-]{35}|\bya29\.[0-9A-Za-z_-]{20,}|\bGOCSPX-[0-9A-Za-z_-]{20,}/],
  ['a payment key', /\b[rs]k_live_[0-9A-Za-z]{20,}|\bsq0[a-z]{3}-[0-9A-Za-z_-]{22,}/],
  ['a model provider key', /\bsk-(?=[A-Za-z_-]{0,60}\d)[A-Za-z0-9_-]{32}|\bhf_[A-Za-z]{30}/],
  [
    'a package registry token',
    /\bnpm_[A-Za-z0-9]{36}|\bpypi-[A-Za-z0-9_-]{50,}|\brubygems_[0-9a-f]{40,}|\bcio[A-Za-z0-9]{32}\b/,
  ],
  [
    'a cloud token',
    /\bdo[opr]_v1_[0-9a-f]{60,}|\bSG\.[\w-]{20,40}\.[\w-]{20}|AccountKey=[A-Za-z0-9+/]{60,}|\bhvs\.[\w-]{24,}|\bdapi[0-9a-f]{32}\b/,
  ],
  ['a JSON web token', /\beyJ[A-Za-z0-9_-]{15,1000}\.eyJ[A-Za-z0-9_-]{15,4000}\.[A-Za-z0-9_-]{10}/],
  [
    'a password in an address',
    /\b[a-z][a-z0-9+.-]{0,20}:\/\/[^\s:@/'"<>{}$%]{1,64}:(?!\/)[^\s:@/'"<>{}$%*]{6,128}@[a-z0-9]/i,
  ],
];

const names =
  '((?<![a-z])pass|password|passwd|passphrase|pwd|secret(?:[_-]?key)?|api[_-]?key|access[_-]?key|private[_-]?key|token|credential)s?';
const passName = /^p(?:ass|wd)/i;

const quoted = new RegExp(`${names}["']?\\s{0,4}[:=]\\s{0,4}["'\`]([A-Za-z0-9+/=_.-]{12,200})["'\`]`, 'gi');

/** Where values stand without quotes; in code such a value is a name, in prose a word. */
const settingsFile =
  /\.(?:ya?ml|sh|bash|zsh|fish|ini|cfg|cnf|conf|toml|properties)$|(?:^|\/)(?:\.env[^/]*|(?:docker|container)file[^/]*|makefile)$/i;

/** Neither a variable, a template, a path, nor a tag. */
const bare = '((?![*&!/~.@\\\\])[^\\s"\'`$<>{}()[\\],;|%:]{8,200})';
/** `KEY=value`, also within a line. */
const assigned = new RegExp(`${names}=${bare}(?=[\\s;&]|$)`, 'gi');
/** `key: value`, `key = value`: nothing but a remark may follow. */
const field = new RegExp(`${names}[ \\t]{0,4}[:=][ \\t]{1,4}${bare}[ \\t]{0,8}(?=#|\\r?$)`, 'gim');

const placeholder = /example|placeholder|change|your|dummy|redacted|x{4}|\*{3}/i;

function isMixed(value: string): boolean {
  return /\d/.test(value) && /[a-z]/i.test(value);
}

/** Such as `db-credentials-v2`: words and numbers, which name something. */
function isWordy(value: string): boolean {
  return value.split(/[-_./]/).every((part) => /^[a-z]{0,20}\d{0,4}$/i.test(part));
}
