import assert from 'node:assert/strict';
import { test } from 'node:test';
import { webviewPage } from '../../../src/shell/webviewPage.ts';

const page = (title: string) =>
  webviewPage({ title, script: 'https://x/a.js', style: 'https://x/a.css', source: 'https://*.x' });

test('the policy names one script by its nonce, the style sheets, and no other source', () => {
  const html = page('A');
  const policy = /Content-Security-Policy" content="([^"]+)"/.exec(html)?.[1] ?? '';
  const nonce = /'nonce-([^']+)'/.exec(policy)?.[1] ?? assert.fail('no nonce');
  assert.ok(nonce.length >= 20);
  assert.ok(html.includes(`<script nonce="${nonce}" src="https://x/a.js">`));
  assert.match(policy, /^default-src 'none'; img-src data:; style-src https:\/\/\*\.x; script-src 'nonce-/);
  assert.doesNotMatch(policy, /unsafe|connect-src|http:/);
  assert.doesNotMatch(html, /<style|style=|onclick|<script>/);
});

test('every page has a nonce of its own, and a title that is text', () => {
  assert.notEqual(page('A'), page('A'));
  assert.ok(page('<b> & "c"').includes('<title>&lt;b&gt; &amp; &quot;c&quot;</title>'));
});
