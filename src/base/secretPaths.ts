// Which files hold secrets by their name alone: never mirrored to the engine, never completed, never trained on. The name
// decides, so that the file itself need not be opened. Templates without values (`.env.example`) are ordinary files.

const secretDirectories = new Set([
  '.ssh',
  '.gnupg',
  '.aws',
  '.azure',
  '.kube',
  '.docker',
  '.password-store',
  '.secrets',
]);

const secretNames = new Set([
  '.authinfo',
  '.dockercfg',
  '.git-credentials',
  '.htpasswd',
  '.netrc',
  '.npmrc',
  '.pgpass',
  '.pypirc',
  '.s3cfg',
  '.vault-token',
  '.yarnrc.yml',
  '_netrc',
  'credentials',
  'credentials.json',
  'credentials.toml',
  'id_dsa',
  'id_ecdsa',
  'id_ecdsa_sk',
  'id_ed25519',
  'id_ed25519_sk',
  'id_rsa',
  'local.settings.json',
  'master.key',
  'secret.json',
  'secret.toml',
  'secret.yaml',
  'secret.yml',
  'secrets.json',
  'secrets.toml',
  'secrets.yaml',
  'secrets.yml',
  'service-account.json',
  'serviceaccount.json',
  'shadow',
  'terraform.tfstate',
  'terraform.tfstate.backup',
  'wp-config.php',
]);

const secretExtensions = new Set([
  'age',
  'asc',
  'der',
  'gpg',
  'jceks',
  'jks',
  'kdb',
  'kdbx',
  'key',
  'keystore',
  'ovpn',
  'p12',
  'p8',
  'pem',
  'pfx',
  'pgp',
  'pk8',
  'ppk',
  'tfvars',
]);

const templateSuffix = /\.(example|sample|template|dist|defaults?)$/;
const dotenv = /^(\.env|\.envrc|\.flaskenv)(\..+)?$|^.+\.env$/;

/** Takes any path or the path of a URI, with either slash; letter case is ignored. */
export function isSecretPath(path: string): boolean {
  const parts = path.toLowerCase().split(/[\\/]+/);
  const name = parts.pop() ?? '';
  if (parts.some((part) => secretDirectories.has(part))) return true;
  if (templateSuffix.test(name)) return false;
  return secretNames.has(name) || dotenv.test(name) || secretExtensions.has(extensionOf(name));
}

function extensionOf(name: string): string {
  const dot = name.lastIndexOf('.');
  return dot < 0 ? '' : name.slice(dot + 1);
}
