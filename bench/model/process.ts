// The evaluation of a model as a process: its exit status.
import { main } from './main.ts';

void main(process.argv.slice(2)).then((status) => {
  process.exitCode = status;
});
