// A host without an engine. The model path says how it behaves: 'echo' answers, 'silent' never does, 'busy' blocks its thread
// with the first request, 'stubborn' does not end when asked, 'loading' never comes to an end of that.
let mode = '';
process.on('disconnect', () => process.exit(0));
process.on('error', () => process.exit(0));
process.on('message', (message) => {
  if (message.kind === 'hello') process.send({ kind: 'ready', protocolVersion: 1, pid: process.pid });
  if (message.kind === 'configure') {
    mode = message.modelPath;
    process.send({
      kind: 'log',
      level: 'info',
      text: JSON.stringify({ argv: process.argv.slice(2), env: process.env }),
    });
    process.send({ kind: 'status', state: mode === 'loading' ? 'loading' : 'ready', detail: mode });
  }
  if (message.kind === 'reportMemory') {
    process.send({ kind: 'memory', residentBytes: 2 ** 21, heapBytes: 1, numDocuments: 0, documentLength: 0 });
  }
  if (message.kind === 'shutdown' && mode !== 'stubborn') process.exit(0);
  if (message.kind === 'cancel') process.send({ kind: 'log', level: 'info', text: `cancel ${message.request}` });
  if (message.kind === 'complete') {
    process.send({ kind: 'log', level: 'info', text: `asked ${message.request}` });
    if (mode === 'busy') for (;;);
    if (mode === 'echo') {
      process.stdout.write('x'.repeat(300_000));
      process.stderr.write('a warning\n');
      process.send({ kind: 'gibberish' });
      process.send({
        kind: 'suggestion',
        request: message.request,
        texts: [`at ${message.offset}`],
        numSymbols: 1,
        elapsedMs: 0,
      });
    }
  }
});
