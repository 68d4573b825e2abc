// Which files hold secrets by their path alone: never mirrored to the engine, never completed, never trained on. The path
// decides, so that the file itself need not be opened. When in doubt it is one; templates to be filled in are not.

/** Any path, or the path of a URI, with either slash; letter case is ignored. */
export function isSecretPath(path: string): boolean {
  const lower = path.toLowerCase().replaceAll('\\', '/');
  const name = lower.slice(lower.lastIndexOf('/') + 1);
  if (templateName.test(name)) return false;
  return (
    secretNames.some((pattern) => pattern.test(name)) ||
    secretFolders.test(`/${lower}`) ||
    secretPlaces.test(`/${lower}`)
  );
}

/** `.env.example`, and the public half of a key. */
const templateName = /[._-](?:example|sample|template)$|\.(?:dist|pub)$|^\.env\.defaults?$/;

const secretFolders = /\/\.(?:ssh|gnupg|aws|azure|kube|gcloud|docker|password-store|secrets)\//;

/** Names that say nothing by themselves. */
const secretPlaces = /\/(?:gh\/hosts\.ya?ml|\.m2\/settings(?:-security)?\.xml)$/;

const secretNames: readonly RegExp[] = [
  /^\.env(?:[._~-].*|rc)?$|^\.flaskenv$|\.env$/,
  // Keys, key stores, and what provisioning tools write them into.
  /\.(?:age|der|gpg|jceks|jks|kdbx?|key|keystore|mobileprovision|ovpn|p12|p8|pem|pfx|pgp|pk8|ppk|truststore)$/,
  /\.(?:tfstate|tfvars)(?:\.json|\.backup)?$|^\.terraformrc$/,
  /^id_(?:rsa|dsa|ecdsa|ed25519)(?:_sk)?$/,
  // Configuration of tools that log in.
  /^[._](?:authinfo|boto|dockercfg|dockerconfigjson|git-credentials|htpasswd|my\.cnf|netrc|npmrc|pgpass|pypirc|s3cfg|vault-token|yarnrc(?:\.yml)?)$/,
  /^(?:htpasswd|kubeconfig|local\.settings\.json|shadow|wallet\.dat|wp-config\.php)$/,
  // Called what they are: `client_secret.json`, `credentials`; but not `passwords.ts`.
  /^(?:.*[-_.])?(?:credentials?|secrets?|passwords?|passwd)(?:(?:[-_.].*)?\.(?:cfg|conf|csv|env|ini|json|properties|toml|txt|xml|ya?ml))?$/,
  /^(?:service|gcp|google|firebase)[-_]?(?:account|adminsdk|services)?[-_]?(?:key|credentials)?.*(?:adminsdk|account|key).*\.json$/,
  // What was typed into a shell.
  /^\.?(?:bash|zsh|psql|mysql|python|node_repl)_history$/,
];
