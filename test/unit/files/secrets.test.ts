// The samples are put together here, so that no scanner takes this file for a leak.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findSecret } from '../../../src/files/secrets.ts';

test('texts that hold a secret, by kind', () => {
  const letters = 'aB3dE5gH7jK9mN1pQ2sT4vW6yZ8'.repeat(4);
  const check = (kind: string, text: string) => assert.equal(findSecret(`line\n${text}\nline`), kind, kind);
  check('a private key', `-----BEGIN ${'RSA '}PRIVATE KEY-----`);
  check('a private key', `-----BEGIN ${'OPENSSH '}PRIVATE KEY-----`);
  check('an AWS access key', `aws_key = ${'AK'}IA${'Z9'.repeat(8)}`);
  check('a GitHub token', `${'gh'}p_${letters.slice(0, 36)}`);
  check('a GitHub token', `${'github'}_pat_${letters.slice(0, 60)}`);
  check('a GitLab token', `${'gl'}pat-${letters.slice(0, 20)}`);
  check('a Slack token', `${'xo'}xb-123456789012-${letters.slice(0, 20)}`);
  check('a Google API key', `${'AI'}za${letters.slice(0, 35)}`);
  check('a payment key', `${'sk'}_live_${letters.slice(0, 24)}`);
  check('a model provider key', `${'sk'}-proj-${letters.slice(0, 48)}`);
  check('a package registry token', `${'np'}m_${letters.slice(0, 36)}`);
  check('a cloud token', `${'SG'}.${letters.slice(0, 22)}.${letters.slice(0, 43)}`);
  check('a JSON web token', `${'ey'}J${letters.slice(0, 20)}.${'ey'}J${letters.slice(0, 20)}.${letters.slice(0, 20)}`);
  check('a password in an address', `postgres://admin:${'hunter2x'}@db.example.org/app`);
  check('a secret in quotes', `const apiKey = "${letters.slice(0, 32)}";`);
  check('a secret in quotes', `"client_secret": '${letters.slice(0, 40)}'`);
});

test('ordinary text', () => {
  for (const text of [
    'const token = await readToken();',
    'password: "correct horse battery staple"',
    "token = 'CONFIGURATION_TOKEN_PLACEHOLDER'",
    'https://example.org:8080/path@2x.png',
    'git clone ssh://git@example.org/repo',
    ['postgres://user:$', '{password}@localhost/db'].join(''),
    'see -----BEGIN CERTIFICATE-----',
    'sk-learn, sk-SK, task-force-with-a-long-name-here',
    'const sha = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b";',
  ]) {
    assert.equal(findSecret(text), undefined, text);
  }
});

test('a long line is searched in time', { timeout: 10_000 }, () => {
  for (const unit of [
    'a',
    'token = "',
    'sk-',
    'eyJ',
    'eyJ-',
    'a.',
    'SG.',
    'a://b:',
    'password ',
    '=',
    ' ',
    '-----BEGIN A ',
  ]) {
    assert.equal(findSecret(unit.repeat(Math.floor(1e6 / unit.length))), undefined, unit);
  }
});
