// A run of a session blocks the thread, so nobody can cancel what is under way unless the messages that wait are let in
// between two runs. A promise that is already resolved does not do that; the event loop has to turn once.

export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
