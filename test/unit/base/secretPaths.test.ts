import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSecretPath } from '../../../src/base/secretPaths.ts';

const secret = [
  '.env',
  '/home/me/project/.env',
  'C:\\project\\.ENV.production',
  'config/prod.env',
  '.envrc',
  'server.pem',
  'tls/Server.KEY',
  'id_rsa',
  '/home/me/.ssh/config',
  '/home/me/.aws/credentials',
  'vars.auto.tfvars',
  '.npmrc',
  'keys/release.p12',
];

const ordinary = [
  '',
  'src/environment.ts',
  '.env.example',
  '.env.production.sample',
  'id_rsa.pub',
  'environment.yml',
  'src/key.ts',
  'monkey',
  'pem/notes.md',
  'docs/ssh/readme.md',
  'keyboard.py',
];

test('secret files are known by name, everything else is not one', () => {
  for (const path of secret) assert.equal(isSecretPath(path), true, path);
  for (const path of ordinary) assert.equal(isSecretPath(path), false, path);
});
