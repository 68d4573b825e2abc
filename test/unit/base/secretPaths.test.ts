import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSecretPath } from '../../../src/base/secretPaths.ts';

const secret = [
  '.env',
  '/home/me/project/.env',
  'C:\\project\\.ENV.production',
  'app/.env.local',
  'deploy/prod.env',
  '.envrc',
  'server.pem',
  'tls/Server.KEY',
  'release.keystore',
  'keys/release.p12',
  'id_rsa',
  'home/.ssh/config',
  'C:\\Users\\me\\.aws\\config',
  '.docker/config.json',
  '.npmrc',
  '.netrc',
  '_netrc',
  '.git-credentials',
  'credentials',
  'credentials.json',
  'config/secrets.yml',
  'client_secret.json',
  'client_secret_123.json',
  'service-account.json',
  'firebase-adminsdk-ab12c.json',
  'terraform.tfstate.backup',
  'vars.auto.tfvars',
  'kubeconfig',
  '.bash_history',
];

const ordinary = [
  '',
  'src/environment.ts',
  '.env.example',
  '.env.production.sample',
  'id_rsa.pub',
  'environment.yml',
  'src/secrets.ts',
  'src/passwordField.tsx',
  'docs/credentials.md',
  'src/key.ts',
  'monkey',
  'pem/notes.md',
  'docs/ssh/readme.md',
  'keyboard.py',
  'keyboard.json',
  'src/keys.ts',
  'public_key.ts',
  'tokenizer.json',
  'package.json',
  'aws/index.ts',
  'google.json',
];

test('secret files are known by their path, everything else is not one', () => {
  for (const path of secret) assert.equal(isSecretPath(path), true, path);
  for (const path of ordinary) assert.equal(isSecretPath(path), false, path);
});
