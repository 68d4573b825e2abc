// Imported before anything else in a forked process: on Linux a priority belongs to the calling thread, and only threads
// that start later inherit it; nor may it be raised again, so that there is one for idle work and answers alike. The editor must
// always come first, and a completion before a training that takes minutes anyway. Tried in the editor, on two cores with other
// work, in turns: at normal priority half the ghost texts came within 134 and 113 ms, below it within 149 and 177, but the extension
// host was held up for 135 and 624 ms while lines were typed, where it was 67 and 202. Whoever types notices the second.
import os from 'node:os';

try {
  const { PRIORITY_LOW, PRIORITY_BELOW_NORMAL } = os.constants.priority;
  os.setPriority(process.argv[2] === 'trainer' ? PRIORITY_LOW : PRIORITY_BELOW_NORMAL);
} catch {
  // Not permitted here; the process still works, at normal priority.
}
