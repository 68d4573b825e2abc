// The output channel 'Chainrule', and its level in the words of the wire.
import * as vscode from 'vscode';
import type { LogLevel } from '../protocol/hostMessages.ts';
import type { Log } from './hostProcess.ts';

export interface LogChannel {
  readonly channel: vscode.LogOutputChannel;
  readonly log: Log;
  level(): LogLevel;
}

export function createLogChannel(): LogChannel {
  const channel = vscode.window.createOutputChannel('Chainrule', { log: true });
  const write: Readonly<Record<LogLevel, (text: string) => void>> = {
    trace: (text) => channel.trace(text),
    debug: (text) => channel.debug(text),
    info: (text) => channel.info(text),
    warning: (text) => channel.warn(text),
    error: (text) => channel.error(text),
  };
  return { channel, log: (level, text) => write[level](text), level: () => levelOf(channel.logLevel) };
}

function levelOf(level: vscode.LogLevel): LogLevel {
  switch (level) {
    case vscode.LogLevel.Trace:
      return 'trace';
    case vscode.LogLevel.Debug:
      return 'debug';
    case vscode.LogLevel.Info:
      return 'info';
    case vscode.LogLevel.Warning:
      return 'warning';
    case vscode.LogLevel.Error:
    case vscode.LogLevel.Off:
      return 'error';
  }
}
