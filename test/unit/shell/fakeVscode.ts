// The shell over an editor that is no more than the names that it uses.
import { register } from 'node:module';

/** Modules that are imported from here on find the stub under the name of `vscode`. */
export function standInForVscode(stub: Readonly<Record<string, unknown>>): void {
  const names = Object.keys(stub).map((name) => `export const ${name} = globalThis.fakeVscode.${name};`);
  const source = (code: string) => `data:text/javascript,${encodeURIComponent(code)}`;
  const fake = JSON.stringify(source(names.join('')));
  register(
    source(`export const resolve = (name, context, next) =>
      name === 'vscode' ? { url: ${fake}, shortCircuit: true } : next(name, context);`),
  );
  Object.assign(globalThis, { fakeVscode: stub, __dirname: '.' });
}
