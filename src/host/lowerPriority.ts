// Imported before anything else in a forked process: on Linux a priority belongs to the calling thread, and only threads
// that start later inherit it. The editor must always come first, and a completion before a training that takes minutes anyway.
import os from 'node:os';

try {
  const { PRIORITY_LOW, PRIORITY_BELOW_NORMAL } = os.constants.priority;
  os.setPriority(process.argv[2] === 'trainer' ? PRIORITY_LOW : PRIORITY_BELOW_NORMAL);
} catch {
  // Not permitted here; the process still works, at normal priority.
}
