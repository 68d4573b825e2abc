// Stands in for the editor's native log writer, which would need a compiler to install: without it every log, and every output
// channel that is one, stays empty. Same interface as @vscode/spdlog; plain appending, no rotation, for logs of one session.
const { appendFileSync, mkdirSync } = require('node:fs');
const path = require('node:path');

const levels = ['trace', 'debug', 'info', 'warning', 'error', 'critical'];
const methods = ['trace', 'debug', 'info', 'warn', 'error', 'critical'];
const off = levels.length;

class Logger {
  #file;
  #level = levels.indexOf('info');
  #raw = false;

  constructor(_kind, _name, file) {
    this.#file = file;
    mkdirSync(path.dirname(file), { recursive: true });
    methods.forEach((method, level) => {
      this[method] = (message) => this.#write(level, message);
    });
  }

  #write(level, message) {
    if (level < this.#level || this.#level === off) return;
    const time = new Date().toISOString().replace('T', ' ').replace('Z', '');
    const line = this.#raw ? message : `${time} [${levels[level]}] ${message}\n`;
    try {
      appendFileSync(this.#file, line);
    } catch {
      // The folder was removed while the editor ended.
    }
  }

  getLevel() {
    return this.#level;
  }

  setLevel(level) {
    this.#level = level;
  }

  setPattern() {
    this.#raw = false;
  }

  /** From now on messages are written as they are, without time, level and line end. */
  clearFormatters() {
    this.#raw = true;
  }

  flush() {}

  drop() {}
}

const createLogger = async (name, file) => new Logger('rotating', name, file);

// One by one: the editor imports them by name, and Node finds names of a CommonJS module in this form only.
exports.version = 0;
exports.setLevel = () => {};
exports.setFlushOn = () => {};
exports.Logger = Logger;
exports.createRotatingLogger = createLogger;
exports.createAsyncRotatingLogger = createLogger;
