// What a person calls a kind of file, by its name: for the list of what will be read, and for nothing else.

const languages: Readonly<Record<string, readonly string[]>> = {
  'C / C++': ['c', 'h', 'cc', 'cpp', 'cxx', 'hh', 'hpp', 'hxx', 'ino'],
  'C#': ['cs', 'csx'],
  CSS: ['css', 'scss', 'sass', 'less'],
  Dart: ['dart'],
  Elixir: ['ex', 'exs'],
  Go: ['go'],
  Haskell: ['hs'],
  HTML: ['html', 'htm', 'xhtml'],
  Java: ['java'],
  JavaScript: ['js', 'jsx', 'mjs', 'cjs'],
  JSON: ['json', 'jsonc', 'json5', 'ndjson'],
  Julia: ['jl'],
  Kotlin: ['kt', 'kts'],
  Lua: ['lua'],
  Makefile: ['mk', 'mak'],
  Markdown: ['md', 'mdx', 'markdown'],
  'Objective-C': ['m', 'mm'],
  Perl: ['pl', 'pm'],
  PHP: ['php'],
  'Plain text': ['txt', 'text', 'rst', 'adoc', 'log'],
  Python: ['py', 'pyi', 'pyw'],
  R: ['r', 'rmd'],
  Ruby: ['rb', 'rake', 'gemspec'],
  Rust: ['rs'],
  Scala: ['scala', 'sc', 'sbt'],
  Shell: ['sh', 'bash', 'zsh', 'fish'],
  SQL: ['sql'],
  Swift: ['swift'],
  TeX: ['tex', 'sty', 'bib'],
  TOML: ['toml'],
  TypeScript: ['ts', 'tsx', 'mts', 'cts'],
  Vue: ['vue'],
  XML: ['xml', 'svg', 'xsd', 'xsl'],
  YAML: ['yml', 'yaml'],
};

const byExtension = new Map(Object.entries(languages).flatMap(([name, all]) => all.map((one) => [one, name] as const)));
const byName: Readonly<Record<string, string>> = {
  cmakelists: 'CMake',
  dockerfile: 'Dockerfile',
  makefile: 'Makefile',
  rakefile: 'Ruby',
  gemfile: 'Ruby',
};

/** Of a path with forward slashes. An extension that has no name here stands for itself: `.zig`. */
export function languageOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
  const dot = name.lastIndexOf('.');
  const known = byName[dot > 0 ? name.slice(0, dot) : name];
  if (known !== undefined) return known;
  if (dot <= 0) return name.startsWith('.') ? 'Settings' : 'no extension';
  const extension = name.slice(dot + 1);
  return byExtension.get(extension) ?? `.${extension.slice(0, 20)}`;
}
