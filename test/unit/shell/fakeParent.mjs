// Stands for an extension host: forks the host given, tells both process ids, and lives until it is killed.
import { fork } from 'node:child_process';

const [hostPath, ...args] = process.argv.slice(2);
const child = fork(hostPath, args, {
  serialization: 'advanced',
  stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  execArgv: [],
});
child.stdout.resume();
child.stderr.resume();
child.on('message', (message) => {
  if (message.kind === 'ready') process.stdout.write(`${child.pid}\n`);
});
child.send({ kind: 'hello', protocolVersion: 1 });
setInterval(() => undefined, 60_000);
