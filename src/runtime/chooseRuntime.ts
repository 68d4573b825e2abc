// Native or plain: the native runtime is tried out in a process of its own first, so that what is wrong with it on some machine costs
// that process and not the engine. With another Node, driver or system tomorrow the answer may differ, so it is asked anew each time:
// that takes 0.13 s.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { messageOf } from '../base/errors.ts';
import type { RuntimeChoice } from '../base/runtimeChoice.ts';
import { openNativeRuntime } from './ortNative.ts';
import { openRuntime } from './ortNode.ts';
import type { Runtime } from './session.ts';

export interface RuntimeChoosing {
  readonly choice: RuntimeChoice;
  readonly log: (level: 'info' | 'warning', text: string) => void;
  /** Resolves when the native runtime works here. */
  readonly tryOut?: () => Promise<void>;
}

/** @throws UserError when the one that is forced, or the plain one, does not load. */
export async function chooseRuntime({ choice, log, tryOut = tryOutAside }: RuntimeChoosing): Promise<Runtime> {
  if (choice === 'plain') return openRuntime();
  if (choice === 'native') return openNativeRuntime();
  try {
    await tryOut();
    return openNativeRuntime();
  } catch (error) {
    log('warning', `The native runtime does not work here (${messageOf(error)}); the plain one takes its place`);
    return openRuntime();
  }
}

/** Opens the runtime when it is first asked for, and then gives the same; a failure is tried again. */
export function runtimeOpener(choosing: RuntimeChoosing): () => Promise<Runtime> {
  let opened: Promise<Runtime> | undefined;
  return () => {
    opened ??= chooseRuntime(choosing).catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return opened;
  };
}

/** A cold disk may take a while over 45 MB of library; a test that hangs is one that fails. */
const patienceMs = 30_000;

/** Beside the script of this process, in dist/. */
export async function tryOutAside(
  script = path.join(path.dirname(process.argv[1] ?? ''), 'selfTest.js'),
): Promise<void> {
  if (!existsSync(script)) throw new Error(`${script}, which would try it out, is missing`);
  await new Promise<void>((resolve, reject) => {
    const options = { timeout: patienceMs, killSignal: 'SIGKILL', windowsHide: true, encoding: 'utf8' } as const;
    execFile(process.execPath, [script], options, (error, _, complaint) => {
      if (!error) resolve();
      else if (error.signal) reject(new Error(`its test ended by ${error.signal}`));
      else reject(new Error(complaint.trim().split('\n', 1)[0] || `its test ended with status ${error.code}`));
    });
  });
}
