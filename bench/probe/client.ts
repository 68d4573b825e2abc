// Asks the probe inside the extension host.
import { request } from 'node:http';
import { type JsonObject, jsonObject, parseJson } from '../../src/base/json.ts';
import { eventually } from '../../test/e2e/lib/eventually.ts';

export interface ProbeAnswer {
  /** The longest that the event loop was late, for whatever reason. */
  readonly longestStallMs: number;
  /** The longest that it computed without a turn, in processor time. */
  readonly longestWorkMs: number;
  readonly residentBytes: number;
}

/** What happened in the extension host since it was asked before. */
export async function askProbe(socketPath: string): Promise<ProbeAnswer> {
  const answer = await ask(socketPath, '/');
  return {
    longestStallMs: answer.number('longestStallMs'),
    longestWorkMs: answer.number('longestWorkMs'),
    residentBytes: answer.integer('residentBytes'),
  };
}

/** Nothing ticks in it until it is asked again. Returns the process of the extension host. */
export async function restProbe(socketPath: string): Promise<number> {
  return (await ask(socketPath, '/rest')).integer('pid');
}

async function ask(socketPath: string, question: string): Promise<JsonObject> {
  const text = await eventually('the probe answers', () => get(socketPath, question));
  return jsonObject(parseJson(text, 'probe'), 'probe');
}

function get(socketPath: string, question: string): Promise<string> {
  return new Promise((resolve, reject) => {
    request({ socketPath, path: question }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      response.on('end', () => resolve(text)).on('error', reject);
    })
      .on('error', reject)
      .end();
  });
}
