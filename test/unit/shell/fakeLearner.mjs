// A trainer and a sampler that have learnt nothing. The architecture or the model path says how they behave.
const role = process.argv[2];
process.on('disconnect', () => process.exit(0));
process.on('error', () => process.exit(0));
const send = (message) => process.send(message);
const png = 'iVBORw0KGgoAAAANSUhEUg==';

process.on('message', (message) => {
  const { request } = message;
  switch (message.kind) {
    case 'hello':
      send({ kind: 'log', level: 'info', text: `role ${role}` });
      send({
        kind: 'ready',
        protocolVersion: 1,
        pid: process.pid,
        ...(role === 'trainer' && { architectures: [{ name: 'gpt', title: 'GPT', eats: 'text', presets: [] }] }),
      });
      break;
    case 'survey':
      send({ kind: 'gibberish' });
      send({
        kind: 'surveyed',
        request,
        numFiles: 1,
        bytes: 2,
        partial: false,
        heldOut: true,
        read: [],
        leftOut: [],
        suggested: null,
        problem: '',
      });
      break;
    case 'estimate':
      if (message.architecture === 'mute') break;
      if (message.architecture === 'dying') process.exit(3);
      send({ kind: 'refused', request, reason: `no ${message.architecture}` });
      break;
    case 'train':
      send({ kind: 'started', resumedStep: 0, symbols: 'bytes', measured: true });
      send({ kind: 'checkpoint', step: 1 });
      break;
    case 'pause':
      send({ kind: 'paused', step: 1 });
      break;
    case 'sampleText':
      if (message.modelPath === 'mute') break;
      if (message.modelPath === 'dying') process.exit(3);
      for (const text of [message.prompt, ' and', ' on']) send({ kind: 'text', request, text });
      send({ kind: 'sampled', request });
      break;
    case 'sampleImages':
      if (message.modelPath === 'broken') send({ kind: 'failed', request, reason: 'no such folder' });
      else {
        for (let index = 0; index < message.count; index++) send({ kind: 'image', request, index, png });
        send({ kind: 'sampled', request });
      }
      break;
    case 'cancel':
      send({ kind: 'log', level: 'info', text: `cancel ${request}` });
      break;
    case 'shutdown':
      process.exit(0);
  }
});
