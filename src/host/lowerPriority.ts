// Imported before anything else in a forked process: on Linux a priority belongs to the calling thread, and only threads
// that start later inherit it. The editor must always come first.
import os from 'node:os';

try {
  os.setPriority(os.constants.priority.PRIORITY_BELOW_NORMAL);
} catch {
  // Not permitted here; the process still works, at normal priority.
}
