// The samples are put together here, so that no scanner takes this file for a leak.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findSecret } from '../../../src/files/secrets.ts';

test('texts that hold a secret, by kind', () => {
  const letters = 'aB3dE5gH7jK9mN1pQ2sT4vW6yZ8'.repeat(4);
  const check = (kind: string, text: string) => assert.equal(findSecret('a.ts', `line\n${text}\nline`), kind, kind);
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

const [mixed, hex] = ['hunter2' + 'x9', '9f8a77c0d1e2' + '4b5a9f8a77c0d1e24b5a'];

test('secrets in settings, which have no quotes', () => {
  const cases: readonly (readonly [path: string, text: string])[] = [
    ['docker-compose.yml', `    environment:\n      POSTGRES_PASSWORD: ${hex}\n`],
    ['docker-compose.yml', `    environment:\n      - DB_PASS=${mixed}\n`],
    ['deploy.sh', `export API_KEY=${hex}\n`],
    ['deploy.sh', `mysql -u root --password=${mixed} app < dump.sql\n`],
    ['deploy.sh', `TOKEN=${hex} ./run\n`],
    ['app.ini', `[db]\r\npassword = ${mixed} # of staging\r\n`],
    ['server.conf', `Server=db;Uid=sa;Pwd=${mixed};\n`],
    ['application.properties', `spring.datasource.password=${mixed}\n`],
    ['Dockerfile', `ENV SECRET_KEY=${hex}\n`],
    ['.env.example', `CLIENT_SECRET=${hex}\n`],
    ['settings.toml', `api-key = "${hex}"\n`],
  ];
  for (const [path, text] of cases) {
    assert.match(String(findSecret(path, text)), /^a secret in (?:a setting|quotes)$/, `${path}: ${text}`);
  }
  assert.equal(findSecret('a.py', `password = "${mixed}${mixed}"`), 'a secret in quotes');
  assert.equal(findSecret('a.py', `SECRET_KEY = '${hex}'`), 'a secret in quotes');
});

test('settings and code that only speak of secrets', () => {
  const cases: readonly (readonly [path: string, text: string])[] = [
    ['api.ts', 'password: string;\ntoken: Token2;\n'],
    ['api.py', 'api_key = os.environ["API_KEY_2"]\npassword = password2hash\n'],
    ['api.ts', `const token=${'read'}Token2FromDisk;\nthis.password = password1234;\n`],
    ['api.test.ts', `login({ password: 'test-password-1' }); const token = 'token-of-user-2';\n`],
    ['README.md', `Set password: ${mixed} or API_KEY=${hex} there.\n`],
    ['ci.yml', ['token: $', '{TOKEN}\npassword: $', '{{ secrets.PASSWORD_1 }}\n'].join('')],
    ['ci.yml', 'password: {{ vault_password_1 }}\ntoken: <your-token-1>\nsecret: !vault x1\n'],
    ['pod.yml', 'secret: db-credentials-v2\ntoken: /run/secrets/token-1\npassword: *default1\n'],
    ['api.yml', 'access_token: string\nmax_tokens: 4096\ntoken: v1.2.3-token-2024\n'],
    ['api.yml', 'password: at least 8characters are needed\n'],
    ['run.sh', 'PASSWORD="$1"\nPASSWORD=$1\nTOKEN=$(cat token1)\nread -s -p "Password: " pwd1\n'],
    ['run.sh', 'PASSWORD=changeme123\nAPI_KEY=your-api-key-0123456789\nPASSWORD=\n'],
    ['app.ini', 'password = %(DB_PASSWORD1)s\nbypass = feature1234\n'],
    ['a.properties', ['password=$', '{DB_PASSWORD1:x}\ntoken.url=https://example.org/1\n'].join('')],
  ];
  for (const [path, text] of cases) assert.equal(findSecret(path, text), undefined, `${path}: ${text}`);
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
    assert.equal(findSecret('a.ts', text), undefined, text);
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
    'password=',
    'token: ',
    '=',
    ' ',
    '-----BEGIN A ',
  ]) {
    assert.equal(findSecret('a.yml', unit.repeat(Math.floor(1e6 / unit.length))), undefined, unit);
  }
});
