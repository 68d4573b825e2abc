// Imported before anything else in a forked process: on Linux a priority belongs to the calling thread, and only threads
// that start later inherit it; nor may it be raised again, so that there is one for idle work and answers alike. The editor must
// always come first, and a completion before a training that takes minutes anyway. Tried in the editor, on two cores with much other
// work: at normal priority half the ghost texts came within 113 to 134 ms, below it within 149 to 177, and the extension host was held up
// for 135 to 624 ms while lines were typed, below it for 67 to 233. A later suggestion is the smaller harm.
import os from 'node:os';

try {
  const { PRIORITY_LOW, PRIORITY_BELOW_NORMAL } = os.constants.priority;
  os.setPriority(process.argv[2] === 'trainer' ? PRIORITY_LOW : PRIORITY_BELOW_NORMAL);
} catch {
  // Not permitted here; the process still works, at normal priority.
}
