// A stand-in for the `code` executable where no desktop VS Code is: @vscode/test-electron starts it with the same arguments and
// gets the same exit code, and the suite runs in the extension host of the editor from npm.
import { parseArgs } from 'node:util';
import { launchBrowser } from './browser.ts';
import { createSandbox, fillWorkspace } from './sandbox.ts';
import { startServer } from './server.ts';

const limitMs = 180_000;
const timedOut = 124;

/** The editor's page calls these two when the suite writes and when it ends. */
const logHook = 'codeAutomationLog';
const exitHook = 'codeAutomationExit';

function readArguments() {
  const { values, positionals } = parseArgs({
    args: process.argv.slice(2),
    options: { extensionDevelopmentPath: { type: 'string' }, extensionTestsPath: { type: 'string' } },
    allowPositionals: true,
    strict: false, // The other switches are for a desktop.
  });
  const developed = values['extensionDevelopmentPath'];
  const suite = values['extensionTestsPath'];
  if (typeof developed !== 'string' || typeof suite !== 'string') {
    throw new Error('codeShim: expected --extensionDevelopmentPath=... and --extensionTestsPath=...');
  }
  return { developed, suite, folder: positionals[0] };
}

async function main(): Promise<number> {
  const { developed, suite, folder } = readArguments();
  const sandbox = createSandbox();
  if (folder !== undefined) fillWorkspace(sandbox, folder);
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (name.startsWith('CHAINRULE_') && value !== undefined) environment[name] = value;
  }
  const server = await startServer(sandbox, { developed, suite, environment });
  const browser = await launchBrowser(sandbox);
  try {
    const page = await browser.newPage();
    const exited = new Promise<number>((resolve) => {
      const timer = setTimeout(() => resolve(timedOut), limitMs);
      void page.exposeFunction(exitHook, (code: number) => {
        clearTimeout(timer);
        resolve(code);
      });
    });
    await page.exposeFunction(logHook, () => undefined);
    await page.goto(server.windowAddress(sandbox.workspace));
    const code = await exited;
    if (code === timedOut) console.error(`codeShim: no result within ${limitMs / 1000} s\n${browser.console()}`);
    return code;
  } finally {
    await browser.close();
    const killed = await server.stop();
    if (killed.length > 0) console.error(`codeShim: still running after the editor: ${killed.join(', ')}`);
    sandbox.remove();
  }
}

process.exitCode = await main();
