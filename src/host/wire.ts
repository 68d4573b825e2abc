// A role's connection to the process that forked it: checked messages in, messages out, and the end of the other side.
// Nothing here outlives the parent: a broken channel ends the process.
export interface Wire<Out extends object> {
  /** Messages sent after the parent is gone are dropped. */
  send(message: Out): void;
  /** Values as they came, not checked yet. */
  onMessage(listener: (value: unknown) => void): void;
  /** Ends this process. */
  exit(code: number): void;
}

/** The channel that `child_process.fork` made, with `serialization: 'advanced'`. */
export function parentWire<Out extends object>(): Wire<Out> {
  const exit = (code: number) => process.exit(code);
  process.on('disconnect', () => exit(0));
  // A send to a parent that has just died raises EPIPE here, not at the call.
  process.on('error', () => exit(0));
  process.stdout.on('error', () => exit(0));
  process.stderr.on('error', () => exit(0));
  return {
    send(message) {
      if (!process.connected) exit(0);
      process.send?.(message, undefined, undefined, (error) => {
        if (error) exit(0);
      });
    },
    onMessage: (listener) => void process.on('message', listener),
    exit,
  };
}
