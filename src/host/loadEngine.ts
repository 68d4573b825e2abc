// The engine behind the role: a model folder, the runtime and the completer.
import { UserError } from '../base/errors.ts';
import type { LoadEngine } from './engineRole.ts';

export const loadEngine: LoadEngine = ({ modelPath }) => {
  throw new UserError(`${modelPath}: expected a model folder that this version can load, got none`);
};
