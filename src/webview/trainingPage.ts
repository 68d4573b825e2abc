// The training view: shows what the shell says, tells it what was pressed, and holds nothing that would be lost when hidden.
import {
  type FromTrainingView,
  readToTrainingView,
  type TrainingAction,
  type TrainingChoices,
} from '../protocol/webviewMessages.ts';
import { connect } from './dom.ts';
import { createRunView } from './runView.ts';
import { createSetupForm } from './setupForm.ts';

let send: (message: FromTrainingView) => void = () => undefined;
const act = (action: TrainingAction) => send({ kind: 'act', action });
const choose = (choices: TrainingChoices) => send({ kind: 'choose', choices });
const setup = createSetupForm({ choose, act });
const run = createRunView(act);

function show(root: HTMLElement): void {
  if (document.body.firstElementChild !== root) document.body.replaceChildren(root);
}

connect<ReturnType<typeof readToTrainingView>, FromTrainingView>(readToTrainingView, (message, shell) => {
  send = (answer) => shell.postMessage(answer);
  switch (message.kind) {
    case 'setup':
      show(setup.root);
      setup.show(message);
      break;
    case 'run':
      show(run.root);
      run.show(message);
      break;
    case 'curve':
      // Pieces were lost with a page that this one took the place of: everything is sent again.
      if (!run.takeCurve(message)) shell.postMessage({ kind: 'ready' });
      break;
    case 'samples':
      run.showSamples(message);
      break;
    default:
      message satisfies never;
  }
});
