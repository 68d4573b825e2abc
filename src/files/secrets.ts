// Texts that hold a secret, known by its form; files that hold one by their name are in base/secretPaths.ts. When in doubt it
// is a secret: a file too few costs little. Nothing here ever returns the secret itself.

/** What kind of secret a text holds; undefined when none is seen. */
export function findSecret(text: string): string | undefined {
  for (const [kind, pattern] of secretForms) {
    if (pattern.test(text)) return kind;
  }
  for (const [, value = ''] of text.matchAll(assignedSecret)) {
    if (/\d/.test(value) && /[a-z]/i.test(value)) return 'a secret in quotes';
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

const assignedSecret =
  /(?:secret|password|passwd|passphrase|api_?key|access_?key|auth_?token|token|credential)s?["']?\s{0,4}[:=]\s{0,4}["'`]([A-Za-z0-9+/=_.-]{24,200})["'`]/gi;
