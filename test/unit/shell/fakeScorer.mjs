// A scorer without models. The path of the model says how it behaves.
process.on('disconnect', () => process.exit(0));
process.on('error', () => process.exit(0));
const send = (message) => process.send(message);
const log = (text) => send({ kind: 'log', level: 'info', text });

process.on('message', (message) => {
  const { request, modelPath } = message;
  switch (message.kind) {
    case 'hello':
      log(`role ${process.argv[2]}, runtime ${process.argv[3]}`);
      send({ kind: 'ready', protocolVersion: 1, pid: process.pid });
      break;
    case 'configure':
      log(`threads ${message.threads}`);
      break;
    case 'describeModel':
      if (modelPath === 'mute') break;
      if (modelPath === 'dying') process.exit(3);
      if (modelPath === 'missing') send({ kind: 'failed', request, cancelled: false, reason: 'no such folder' });
      else if (modelPath === 'dropped') send({ kind: 'failed', request, cancelled: true, reason: 'no more' });
      else {
        const model = { signal: 'text', architecture: modelPath, contextLength: null, vocabularySize: 7 };
        send({ kind: 'gibberish' });
        send({ kind: 'model', request, ...model, width: 0, height: 0, channels: 0 });
        send({ kind: 'model', request, ...model, width: 1, height: 1, channels: 1 });
      }
      break;
    case 'cancel':
      log(`cancel ${request}`);
      break;
    case 'shutdown':
      process.exit(0);
  }
});
